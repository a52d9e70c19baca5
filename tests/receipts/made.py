"""Files as they come from phones, scanners and people who mean harm. All made here."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational
from pillow_heif import register_heif_opener

GPS, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F
PHONE = "Phone of Jo Marsh"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">Jo was here</x:xmpmeta>'


def exif(*, orientation: int = 1) -> Image.Exif:
    """What a phone writes beside a picture: where it was taken, with what, and which way up."""
    said = Image.Exif()
    said[MAKE] = PHONE
    said[ORIENTATION] = orientation
    place = said.get_ifd(GPS)
    place[1], place[3] = "N", "W"
    place[2] = (IFDRational(52), IFDRational(28), IFDRational(4821, 100))
    place[4] = (IFDRational(1), IFDRational(53), IFDRational(2517, 100))
    return said


def ticket(width: int = 60, height: int = 40, *, mode: str = "RGB") -> Image.Image:
    """Red on the left half, blue on the right: turning it shows."""
    picture = Image.new("RGB", (width, height), (200, 10, 10))
    picture.paste((10, 10, 200), (width // 2, 0, width, height))
    return picture.convert(mode)


def jpeg(picture: Image.Image | None = None, **more: Any) -> bytes:
    """A JPEG from a phone, with its place, a comment, an XMP packet and a profile of its colours in it."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    said = {"exif": exif(), "comment": b"at Jo's home", "xmp": XMP, "icc_profile": profile}
    given = {**said, "quality": 95, **more}
    return _written(picture or ticket(), "JPEG", **given)


def png(picture: Image.Image | None = None) -> bytes:
    """A PNG with the place in it too."""
    return _written(picture or ticket(mode="RGBA"), "PNG", exif=exif())


def heic() -> bytes:
    """As newer phones write them."""
    register_heif_opener()
    return _written(ticket(64, 64), "HEIF", exif=exif().tobytes())


def _written(picture: Image.Image, form: str, **more: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **more)
    return out.getvalue()


def pdf(*, pages: int = 1, **save: Any) -> bytes:
    """A PDF that does and carries what it can: scripts, actions, files, links, a picture with its place."""
    made = pikepdf.new()
    photo = pikepdf.Stream(made, jpeg())
    photo.update(
        {
            "/Type": pikepdf.Name("/XObject"),
            "/Subtype": pikepdf.Name("/Image"),
            "/Width": 60,
            "/Height": 40,
            "/ColorSpace": pikepdf.Name("/DeviceRGB"),
            "/BitsPerComponent": 8,
            "/Filter": pikepdf.Name("/DCTDecode"),
            "/Metadata": pikepdf.Stream(made, b"<x:xmpmeta>secret-xmp</x:xmpmeta>"),
        }
    )
    script = {"/S": pikepdf.Name("/JavaScript"), "/JS": "app.alert('secret-script')"}
    for _ in range(pages):
        made.add_blank_page(page_size=(200, 200))
        page = made.pages[-1].obj
        page.Resources = {"/XObject": {"/A": photo}}
        page.Contents = pikepdf.Stream(made, b"q 100 0 0 100 20 20 cm /A Do Q")
        page.AA = {"/O": script}
        page.PieceInfo = {"/X": {"/LastModified": "D:20260101", "/Private": "secret-piece"}}
        link = {
            "/Type": pikepdf.Name("/Annot"),
            "/Subtype": pikepdf.Name("/Link"),
            "/Rect": [0, 0, 10, 10],
            "/A": {"/S": pikepdf.Name("/URI"), "/URI": "http://secret-link.example"},
        }
        page.Annots = [made.make_indirect(link)]
    made.Root.OpenAction = script
    made.Root.Names = {"/JavaScript": {"/Names": ["x", script]}}
    made.attachments["secret.exe"] = b"secret-file"
    with made.open_metadata() as said:
        said["dc:creator"] = ["secret-author"]
    made.docinfo["/Author"] = "secret-author"
    out = io.BytesIO()
    made.save(out, **save)
    return out.getvalue()
