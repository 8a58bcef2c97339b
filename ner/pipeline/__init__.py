"""Code of the pipeline that changes no result: the stages' command line, the check of params.yaml, `make unchanged`."""
