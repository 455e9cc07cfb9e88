module amphi/load/holder

go 1.24
