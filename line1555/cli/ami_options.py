"""The way to an Asterisk that runs already, as `line1555 up` is told it."""

from __future__ import annotations

import os
from pathlib import Path

from telephony.ami import AmiSettings

from .options import refuse


def ami_settings(address: str, file: Path | None) -> AmiSettings:
    """An Asterisk that runs already. Its user and secret come from the environment or a file, never from the command.

    The file has two lines, user and secret; the variables are LINE1555_AMI_USER and LINE1555_AMI_SECRET.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        refuse(f"--ami {address}: expected HOST:PORT, e.g. 127.0.0.1:5038")
    user, secret = os.environ.get("LINE1555_AMI_USER", ""), os.environ.get("LINE1555_AMI_SECRET", "")
    if file is not None:
        try:
            user, secret = file.read_text("utf-8").split()[:2]
        except (OSError, ValueError) as error:
            refuse(f"--ami-file {file}: expected two lines, user and secret ({error})")
    if not user or not secret:
        refuse("--ami needs LINE1555_AMI_USER and LINE1555_AMI_SECRET in the environment, or --ami-file FILE")
    return AmiSettings(host, int(port), user, secret)
