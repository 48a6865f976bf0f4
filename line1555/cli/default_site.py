"""The site that runs where nobody names one."""

from telephony.shipped import shipped

DEFAULT_SITE = shipped("dialplans") / "1555"
