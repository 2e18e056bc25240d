"""Training on a cluster: the engines, the dispatcher, and recovery of lost runs."""
