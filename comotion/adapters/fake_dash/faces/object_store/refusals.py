"""What the object store says no with: a code, its status, a sentence, and the XML that carries them."""

from collections.abc import Mapping
from types import MappingProxyType
from xml.sax.saxutils import escape

from comotion.adapters.fake_dash.exchange import Response

STATUS: Mapping[str, int] = MappingProxyType(
    {
        "AccessDenied": 403,
        "AuthorizationHeaderMalformed": 400,
        "AuthorizationQueryParametersError": 400,
        "BadDigest": 400,
        "BucketAlreadyOwnedByYou": 409,
        "EntityTooLarge": 400,
        "EntityTooSmall": 400,
        "ExpiredToken": 400,
        "IncompleteBody": 400,
        "InvalidAccessKeyId": 403,
        "InvalidArgument": 400,
        "InvalidDigest": 400,
        "InvalidPart": 400,
        "InvalidPartOrder": 400,
        "InvalidPolicyDocument": 400,
        "InvalidRange": 416,
        "InvalidRequest": 400,
        "InvalidToken": 400,
        "InvalidURI": 400,
        "KeyTooLongError": 400,
        "MalformedPOSTRequest": 400,
        "MalformedTrailerError": 400,
        "MalformedXML": 400,
        "MaxPostPreDataLengthExceeded": 400,
        "MetadataTooLarge": 400,
        "MethodNotAllowed": 405,
        "MissingContentLength": 411,
        "NoSuchBucket": 404,
        "NoSuchKey": 404,
        "NoSuchUpload": 404,
        "NotImplemented": 501,
        "PreconditionFailed": 412,
        "RequestTimeTooSkewed": 403,
        "SignatureDoesNotMatch": 403,
        "XAmzContentSHA256Mismatch": 400,
    }
)


class Refusal(Exception):
    """The request is refused as S3 would refuse it.

    Attributes
    ----------
    code : str
        S3's error code, a name of STATUS.
    details : mapping
        Further members of the error document, for example ``Region``.
    headers : mapping
        Header fields of the answer.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        details: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = STATUS[code]
        self.message = message
        self.details = dict(details or {})
        self.headers = dict(headers or {})

    def answer(self, *, resource: str, request_id: str, headless: bool = False) -> Response:
        """The refusal as a response; a HEAD request gets it without the document."""
        members = {"Code": self.code, "Message": self.message, **self.details}
        members |= {"Resource": resource, "RequestId": request_id}
        body = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in members.items())
        document = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{body}</Error>'.encode()
        headers = [("Content-Type", "application/xml"), *self.headers.items()]
        return Response(status=self.status, headers=headers, body=b"" if headless else document)


def malformed_xml() -> Refusal:
    """A document that cannot be read, or does not hold what it must."""
    return Refusal(
        "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
    )


def bad_signature(details: Mapping[str, str] | None = None) -> Refusal:
    """A signature that is not the one these keys make."""
    return Refusal(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
        details=details,
    )


def no_such_upload(upload_id: str) -> Refusal:
    """A multipart upload that is not there, or no longer."""
    return Refusal(
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
        "aborted or completed.",
        details={"UploadId": upload_id},
    )
