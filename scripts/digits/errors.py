"""The errors that the user can correct, each described in one line."""


class DigitsError(Exception):
    """Something the user can correct. Its text is one line: what was expected, found, and where."""


class DataError(DigitsError):
    """A data file that is missing, malformed or at odds with the configuration."""


class ConfigError(DigitsError):
    """A setting that cannot be used."""


class TrainingError(DigitsError):
    """A training that cannot go on."""
