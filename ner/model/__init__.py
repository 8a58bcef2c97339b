"""Networks in Keras: parameters, architectures, CRF, checkpoints, and tagging with them."""
