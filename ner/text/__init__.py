"""Raw text -> sentences and tokens, by rule."""
