// Marks this folder as a module, which go wants to see. What it requires, the
// files go-1.NN.mod say, one for each minor: go build -modfile=go-1.NN.mod
module ordinance.test/engines/admission

go 1.26.0
