"""The Dagster instance inside the checkout: history, schedules and pool limits outlive a process."""

import os
import shutil
from pathlib import Path

from gaea_assets.resources import PROJECT


def prepare_instance() -> Path:
    """Make DAGSTER_HOME (unless set, `.dagster` in the checkout) and put the instance template there.

    Returns:
        The absolute folder, which is also set in the environment.
    """
    home = Path(os.environ.get("DAGSTER_HOME") or PROJECT / ".dagster").resolve()
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copyfile(PROJECT / "configs" / "dagster.yaml", home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    return home
