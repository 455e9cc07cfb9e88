module amphi/load/flood

go 1.24
