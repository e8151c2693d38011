"""The time of the place that the policy is for: what people read is in it, whatever the machine's own is."""

from __future__ import annotations

import zoneinfo

LOCAL_TIME = zoneinfo.ZoneInfo("Asia/Shanghai")
