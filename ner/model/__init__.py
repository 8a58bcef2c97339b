"""Everything that needs Keras, and its parameters, which do not."""
