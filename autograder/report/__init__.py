"""The report on a gradebook: a folder of pages that opens from disk, one of the class and one for each student."""
