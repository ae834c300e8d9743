"""The errors that are the user's to mend, each told in one line."""


class DigitsError(Exception):
    """Something the user can mend. Its text is one line that says what was expected and where."""


class DataError(DigitsError):
    """A data file that is missing, malformed or at odds with the configuration."""


class ConfigError(DigitsError):
    """A setting that cannot be used."""


class TrainingError(DigitsError):
    """A training that cannot go on."""
