"""Every error this library raises, in one tree.

::

    ComotionError
    ├── InvalidArgument (ValueError)             a value that can never work; nothing was sent
    │   ├── InvalidName                          table name, file key, organisation, zone, URL
    │   ├── InvalidCheckSum
    │   ├── UnknownTable, AlreadyAdded           a bulk upload that was put together wrongly
    │   └── DataError                            the data itself: file, line, column, remedy
    │       ├── UnreadableSource                 damaged, wrong encoding, wrong separator, ragged
    │       │   └── NotATable                    something else, or empty; a directory skips it, loudly
    │       ├── ColumnCollision                  two columns, one lake name
    │       ├── LossyValue                       a value that its column type would change
    │       └── SchemaConflict                   two sources whose types cannot be joined
    ├── MissingKey (KeyError)                    no check sum, no such table or key
    ├── AuthException
    │   └── UnAuthenticatedException
    │       ├── SignInNeeded                     nothing stored, or the identity service said invalid_grant
    │       ├── SignInFailed                     denied, timed out, refused code, wrong state
    │       ├── TokenUnavailable                 the identity service could not be reached or understood
    │       ├── AccessRefused                    scope or audience missing, daily-run 403
    │       └── CredentialsCacheException        the keyring or the credentials file
    ├── ServiceUnreachable                       no answer came
    │   ├── NeverSent                            the request surely did not run
    │   │   └── NotTrusted                       the certificate of the host; no retry mends it
    │   └── AnswerLost                           it may have run
    ├── OutcomeUnknown                           an operation that may not be repeated lost its answer
    ├── ApiException                             the service answered with an error (.status, .body)
    │   ├── BadRequestException
    │   │   ├── BadSql (ValueError)
    │   │   └── LoadNotOpen (IllegalTransition)  what the service would refuse, not asked
    │   ├── NotFoundException
    │   │   ├── UnknownQuery (ValueError)
    │   │   └── NoDailyRunSetting (ValueError)
    │   ├── Unauthorised (UnAuthenticatedException)  401 that a fresh token did not mend
    │   ├── Forbidden (AccessRefused)            403
    │   └── Conflict
    │       └── MigrationConflict (ValueError)
    ├── BrokenAnswer                             a 2xx whose body does not hold what it must
    ├── UploadFailed (ValueError)                a part did not reach the lake (.report for several tables)
    │   └── UploadRefused (ApiException)         the service gave no ticket for it (.status, .body)
    ├── StorageRefused                           the object store said no
    ├── IncompleteDownload                       fewer bytes than were announced
    ├── IllegalTransition (ValueError)           an event that the state does not know
    ├── JobFailed                                the remote job ended badly (.reasons)
    │   ├── LoadFailed
    │   │   └── CheckSumsDiffer                  also of a dry run
    │   ├── QueryFailed
    │   └── MigrationFailed
    ├── WaitTimedOut (TimeoutError)              the work goes on, the waiting stopped
    └── ExtraMissing (ImportError)               an optional package is not installed

    ComotionWarning (UserWarning)
    ├── MissingServiceClientId
    ├── DataWarning                              padded rows, lost leading zeros, an index left out
    ├── CredentialsNotKept                       a renewed sign-in that ends with this process
    └── SkippedFiles                             what a directory held that is no table

A published name that scripts catch is an alias of one of these and lives in the door it is published in.
"""


class ComotionError(Exception):
    """The root: everything this library raises on purpose."""

    def __str__(self) -> str:  # KeyError would show the message quoted
        return str(self.args[0]) if self.args else type(self).__name__


class InvalidArgument(ComotionError, ValueError):
    """An argument that can never work. Nothing was sent."""


class InvalidName(InvalidArgument):
    """A table name, file key, organisation, zone or URL that the service cannot accept."""


class InvalidCheckSum(InvalidArgument):
    """A check sum that cannot be sent: an empty expression, or a value that is no finite scalar."""


class UnknownTable(InvalidArgument):
    """Data for a table that has no load in this uploader."""


class AlreadyAdded(InvalidArgument):
    """A table or file key that was added before."""


class DataError(InvalidArgument):
    """The data cannot be loaded as it is; the message names source, line, column and remedy where known."""


class UnreadableSource(DataError):
    """A source that is no table, is damaged, ragged, empty or wrongly encoded."""


class NotATable(UnreadableSource):
    """Content that is no table at all: a picture, a page, prose, nothing."""


class ColumnCollision(DataError):
    """Two columns that would have one name in the lake."""


class LossyValue(DataError):
    """A value that the type of its column would change."""


class SchemaConflict(DataError):
    """Two sources of one load whose column types cannot be joined."""


class MissingKey(ComotionError, KeyError):
    """No check sum where one is needed, or no such table or key."""


class AuthException(ComotionError):
    """Signing in, or proving who one is, failed."""

    __module__ = "comotion.auth"  # the door it is published in


class UnAuthenticatedException(AuthException):
    """No access token could be had, or the one had does not open this door."""

    __module__ = "comotion.auth"


class SignInNeeded(UnAuthenticatedException):
    """Nobody is signed in, or the stored sign-in is no longer valid."""


class SignInFailed(UnAuthenticatedException):
    """A browser sign-in was denied, timed out, or came back wrong."""


class TokenUnavailable(UnAuthenticatedException):
    """The identity service could not be reached or understood."""

    def __init__(self, message: str, *, unreachable: bool = False) -> None:
        super().__init__(message)
        self.unreachable = unreachable


class AccessRefused(UnAuthenticatedException):
    """The token lacks a scope or audience, or the service refused it."""


class CredentialsCacheException(UnAuthenticatedException):
    """Credentials could not be stored or read back, so no token can be had with them."""

    __module__ = "comotion.auth"


class ServiceUnreachable(ComotionError):
    """No answer came from the service."""


class NeverSent(ServiceUnreachable):
    """The request surely did not run: refused connection, name resolution, TLS."""


class NotTrusted(NeverSent):
    """The host's TLS certificate was not accepted. Trying again mends nothing."""


class AnswerLost(ServiceUnreachable):
    """The connection broke after the request may have been received."""


class OutcomeUnknown(ComotionError):
    """An operation that may not be repeated lost its answer: look before trying again.

    Attributes
    ----------
    status : int
        The HTTP status that leaves it open; 0 where no answer came at all.
    body : bytes
        What came with it.
    """

    def __init__(self, message: str, *, status: int = 0, body: bytes = b"") -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class ApiException(ComotionError):
    """The service answered with an error.

    Attributes
    ----------
    operation : str
        What was asked, for example ``"create load"``.
    status : int
        The HTTP status code.
    body : str
        The body of the answer as text, at most 2,000 characters.
    """

    __module__ = "comotion.dash"  # the door it is published in

    def __init__(self, message: str, *, operation: str = "", status: int = 0, body: str = "") -> None:
        super().__init__(message)
        self.operation = operation
        self.status = status
        self.body = body


class BadRequestException(ApiException):
    """400: the service refused what was asked."""

    __module__ = "comotion.dash"


class BadSql(BadRequestException, ValueError):
    """The service refused the text of a query."""


class NotFoundException(ApiException):
    """404: there is nothing under that id."""

    __module__ = "comotion.dash"


class UnknownQuery(NotFoundException, ValueError):
    """There is no query with that id."""


class NoDailyRunSetting(NotFoundException, ValueError):
    """The organisation has no daily-run setting."""


class Unauthorised(ApiException, UnAuthenticatedException):
    """401, also with a fresh token."""


class Forbidden(ApiException, AccessRefused):
    """403: the token does not open this door."""


class Conflict(ApiException):
    """409: not in the state the service is in now."""


class MigrationConflict(Conflict, ValueError):
    """A migration cannot start now."""


class BrokenAnswer(ComotionError):
    """A success whose body does not hold what it must."""


class UploadFailed(ComotionError, ValueError):
    """A part, a source or a table did not reach the lake.

    Attributes
    ----------
    report : object
        For several tables, one entry a table; otherwise None.
    """

    def __init__(self, message: str, *, report: object = None) -> None:
        super().__init__(message)
        self.report = report


class UploadRefused(UploadFailed, ApiException):
    """The service gave no ticket for a part."""

    def __init__(self, message: str, *, operation: str = "", status: int = 0, body: str = "") -> None:
        ApiException.__init__(self, message, operation=operation, status=status, body=body)
        self.report = None


class StorageRefused(ComotionError):
    """The object store refused a part.

    Attributes
    ----------
    status : int
        HTTP status of the store's answer, 0 where none was seen.
    code : str
        The store's error code, for example ``"AccessDenied"``.
    """

    def __init__(self, message: str, *, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class IncompleteDownload(ComotionError):
    """A result came with fewer (or other) bytes than were announced; nothing was saved.

    Attributes
    ----------
    received_bytes, missing_bytes : int
        How many came, and how many did not; ``missing_bytes`` is -1 where the size was never told.
    """

    def __init__(self, message: str, *, received_bytes: int = 0, missing_bytes: int = -1) -> None:
        super().__init__(message)
        self.received_bytes = received_bytes
        self.missing_bytes = missing_bytes


class IllegalTransition(ComotionError, ValueError):
    """An event that is not possible in the present state; nothing changed."""


class LoadNotOpen(IllegalTransition, BadRequestException):
    """A part or a commit for a load that is not OPEN: the service's 400, known without asking."""


class JobFailed(ComotionError):
    """A remote job ended badly.

    Attributes
    ----------
    reasons : tuple of str
        What the service said, in its order.
    """

    def __init__(self, message: str, *, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons


class LoadFailed(JobFailed):
    """The load ended in FAIL; the table is as it was."""


class CheckSumsDiffer(LoadFailed):
    """A check sum did not have the value it must have; the table is as it was."""


class QueryFailed(JobFailed):
    """The query ended in FAILED or CANCELLED."""


class MigrationFailed(JobFailed):
    """The migration ended in Failed."""


class WaitTimedOut(ComotionError, TimeoutError):
    """The time allowed for waiting is over; the work at the service goes on.

    Attributes
    ----------
    report : object
        For several tables, one entry a table; otherwise None.
    """

    def __init__(self, message: str, *, report: object = None) -> None:
        super().__init__(message)
        self.report = report


class ExtraMissing(ComotionError, ImportError):
    """An optional package is needed for this and is not installed."""


class ComotionWarning(UserWarning):
    """The root of this library's warnings."""


class MissingServiceClientId(ComotionWarning):
    """A load without load_as_service_client_id: its data must hold the column service_client_id."""


class DataWarning(ComotionWarning):
    """Data was taken, but not quite as it stood: padded rows, lost leading zeros, an index left out."""


class CredentialsNotKept(ComotionWarning):
    """The sign-in was renewed and could not be stored: it ends with this process."""


class SkippedFiles(ComotionWarning):
    """Entries of a directory that were not taken as tables."""
