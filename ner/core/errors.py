"""The base of all errors that a user can mend: a message of one line that says what was expected, what came, where."""


class NerError(ValueError):
    """Something outside the code is wrong: parameters, files, the network, a request."""
