"""PNG and JPEG: one picture an image, in grey or colour and, on request, of the expected size."""

import io
import struct
import warnings
import zlib

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from digits.data.description import Description
from digits.data.formats.blocks import RefusedError

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
MOST_PIXELS = 1 << 25
"""Number of pixels of a picture that is scaled; others have the size of ``image_shape``."""

MOST_BYTES = 1 << 26
"""Size of a file of one picture."""

BROKEN = (
    *(OSError, SyntaxError, ValueError, EOFError, TypeError, LookupError, AttributeError),
    *(ArithmeticError, RuntimeError, struct.error, zlib.error),
)
"""What Pillow raises for damaged pictures, UnidentifiedImageError among the first."""


def decode(data: bytes, description: Description) -> np.ndarray:
    """Decode a picture.

    Transparent pixels become white, and 16-bit values are scaled to 8 bits. A picture is turned as
    its EXIF data say.

    Returns
    -------
    uint8 array of shape (height, width), as in the picture: 0 = black; in colour (height, width, 3)

    Raises
    ------
    RefusedError
        If it is not a picture, is damaged, or has another size while ``resize`` is false.
    """
    if len(data) > MOST_BYTES:
        raise RefusedError(f"expected a picture of at most {MOST_BYTES:,} bytes, found more")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            _check_size(picture.size, description)
            _check_kind(picture)
            return _values(ImageOps.exif_transpose(picture), description)
    except RefusedError:
        raise
    except UnidentifiedImageError as error:
        raise RefusedError("expected a PNG or JPEG picture, found another file") from error
    except Image.DecompressionBombError as error:
        raise RefusedError(
            "expected a picture of a usual size, found far too many pixels"
        ) from error
    except BROKEN as error:
        raise RefusedError("the picture is corrupt or incomplete") from error


def _check_size(size: tuple[int, int], description: Description) -> None:
    height, width = description.image_shape
    if description.resize and size[0] * size[1] <= MOST_PIXELS:
        return
    if description.resize or (size not in ((width, height), (height, width))):
        most = f"at most {MOST_PIXELS:,} pixels" if description.resize else f"{height} x {width}"
        remedy = "" if description.resize else "; to scale it, set dataset.resize to true"
        raise RefusedError(f"expected a picture of {most}, found {size[1]} x {size[0]}{remedy}")


def _check_kind(picture: Image.Image) -> None:
    """Refuse what is more than one picture, or has values whose range is not known."""
    if getattr(picture, "is_animated", False) and picture.format not in ("JPEG", "MPO"):
        raise RefusedError(f"expected one picture, found {picture.n_frames} in a file")
    if picture.mode == "F" or (picture.mode == "I" and picture.format not in ("PNG", "PPM")):
        raise RefusedError("expected 8 or 16 bits per value, found 32")


def _values(picture: Image.Image, description: Description) -> np.ndarray:
    height, width = description.image_shape
    if picture.mode.startswith("I"):
        values = np.asarray(picture, np.float64)
        picture = Image.fromarray(np.clip(values / 257 + 0.5, 0, 255).astype(np.uint8))
    elif picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    wanted = picture.convert("RGB" if len(description.stored_shape) == 3 else "L")
    if wanted.size != (width, height):
        if not description.resize:
            raise RefusedError(f"expected a picture of {height} x {width}, found it turned")
        wanted = wanted.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(wanted, np.uint8)
