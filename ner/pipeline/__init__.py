"""What stages share and none depends on: their command line, the check of params.yaml, kernels; store/."""
