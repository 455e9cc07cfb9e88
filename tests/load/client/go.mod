module amphi/load

go 1.26
