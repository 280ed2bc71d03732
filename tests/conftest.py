"""What all tests share."""

from hypothesis import settings

pytest_plugins = ["pytester"]

settings.register_profile("bounded", deadline=None, derandomize=True, database=None)
settings.register_profile("search", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile("bounded")  # --hypothesis-profile=search looks further, elsewhere each time
