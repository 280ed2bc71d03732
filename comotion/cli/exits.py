"""Every way a command can end: one line on standard error, one exit code."""

from comotion.domain import errors

DONE, ERROR, USAGE, JOB_FAILED, SIGN_IN, NETWORK, TIMED_OUT, SUMS_DIFFER, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 7, 130

# The first class that fits decides, so the narrower one stands first.
EXIT_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (errors.CheckSumsDiffer, SUMS_DIFFER),
    (errors.JobFailed, JOB_FAILED),
    (errors.WaitTimedOut, TIMED_OUT),
    (errors.TokenUnavailable, NETWORK),
    (errors.AuthException, SIGN_IN),
    (errors.ServiceUnreachable, NETWORK),
    (errors.OutcomeUnknown, NETWORK),
    (errors.IncompleteDownload, NETWORK),
    (errors.BrokenAnswer, NETWORK),
)


def exit_code(error: BaseException) -> int:
    """The exit code that an error stands for.

    A failed upload that was caused by another error ends as that error would.
    """
    if isinstance(error, errors.TokenUnavailable) and not error.unreachable:
        return SIGN_IN
    for kind, code in EXIT_CODES:
        if isinstance(error, kind):
            return code
    if isinstance(error, errors.UploadFailed) and error.__cause__ is not None:
        return exit_code(error.__cause__)
    return ERROR


def sentence(error: BaseException) -> str:
    """An error as one line."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return " ".join(str(error).split()) or type(error).__name__
