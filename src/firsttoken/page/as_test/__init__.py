"""A recorded call as a test: a Python module in which the test kit's provider server answers as the provider did."""

from firsttoken.page.as_test.module import NoTestError, as_test, can_be_tested

__all__ = ["NoTestError", "as_test", "can_be_tested"]
