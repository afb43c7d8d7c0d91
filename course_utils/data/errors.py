"""What can go wrong with data, said to the person at the keyboard."""


class DataError(RuntimeError):
    """A data file is missing, damaged or not what it should be."""


class DownloadError(DataError):
    """A file could not be fetched, or what arrived was not the right file."""
