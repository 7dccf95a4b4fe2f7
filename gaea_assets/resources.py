"""What the assets are given: where things lie, and how child processes are run."""

import os
import signal
import sys
import warnings
from functools import cached_property
from pathlib import Path

import dagster as dg
import pandas as pd
from dagster._core.errors import DagsterPipesExecutionError  # no DagsterError, and not exported

from gaea_assets.base.encoder import Encoder
from gaea_assets.base.files import base_folder
from gaea_assets.base.prompt_format import prompt_format
from gaea_assets.config import Training, VoiceConfig, load_voice
from gaea_assets.errors import GaeaError
from gaea_assets.finetune.checkpoints import complete_checkpoints
from gaea_assets.finetune.child import FAULT_EXIT, fault_file, only_one
from gaea_assets.finetune.disk import full_disk_told
from gaea_assets.finetune.job import Job, TrainJob
from gaea_assets.manuscript.chunk import Chunk
from gaea_assets.store import read_provenance

PROJECT = Path(__file__).resolve().parents[1]
CHILD_ENV = {
    # Of 1024: each length of a row has kernels of its own, 20 % of a small training's memory and no faster if kept.
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}


class Workspace(dg.ConfigurableResource):
    """The folders of a project."""

    project: str = str(PROJECT)
    """Holds `configs/voices`; relative model folders start here."""
    data: str = str(Path(os.environ.get("GAEA_DATA", PROJECT / "data")).resolve())
    """Root of everything made."""

    @property
    def voices(self) -> Path:
        """Folder of voice files."""
        return Path(self.project) / "configs" / "voices"

    def voice(self, name: str) -> VoiceConfig:
        """The configuration of a voice."""
        return load_voice(name, self.voices)

    def manuscripts(self, voice: VoiceConfig) -> dict[str, Path]:
        """Folders of the author's files by the manuscript's name, the main one first."""
        return {name: self._raw(folder) for name, folder in voice.manuscript.folders.items()}

    def place(self, asset: str, voice: str) -> Path:
        """Folder of an asset's output."""
        return Path(self.data) / asset / voice

    def made(self, asset: str, voice: str) -> Path:
        """Folder of an asset's finished output.

        Raises:
            GaeaError: It has not been made.
        """
        place = self.place(asset, voice)
        if read_provenance(place) is None:
            raise GaeaError(f"{place}: not made yet; materialise {asset} of the voice {voice} first")
        return place

    def table(self, asset: str, voice: str) -> pd.DataFrame:
        """The rows of a finished chunk asset."""
        return pd.read_parquet(self.made(asset, voice) / "chunks.parquet")

    def chunks(self, voice: str) -> list[Chunk]:
        """The raw chunks."""
        rows = self.table("raw_chunks", voice)[["chunk", "text", "source", "chapter", "manuscript"]]
        return [Chunk(*row) for row in rows.itertuples(index=False)]

    def base(self, voice: VoiceConfig, *, weights: bool = False) -> Path:
        """Folder of the base model's files."""
        return base_folder(voice.base.model, voice.base.revision, Path(self.project), weights=weights)

    def _raw(self, folder: str) -> Path:
        own = Path(self.data) / "raw" / folder
        return own if own.is_dir() else Path(self.project) / "data" / "raw" / folder

    def encoder(self, voice: VoiceConfig) -> Encoder:
        """The base model's vocabulary and prompt format."""
        folder = self.base(voice)
        return Encoder(folder, prompt_format(folder, voice.base.prompt_format))


class ChildProcess(dg.ConfigurableResource):
    """Runs training and merging as processes of their own, through Dagster Pipes."""

    termination_timeout: float = 600.0
    """Seconds a cancelled child has to save its checkpoint."""

    @cached_property
    def _client(self) -> dg.PipesSubprocessClient:
        return dg.PipesSubprocessClient(
            env=CHILD_ENV, termination_timeout_seconds=self.termination_timeout, forward_termination=True
        )

    def run(self, context: dg.AssetExecutionContext, module: str, job: Job, job_file: Path) -> None:
        """Run `python -m gaea_assets.finetune <module> <job file>` and wait for it.

        A training runs in as many processes, and where, as its recipe says.

        Raises:
            GaeaError: The child found a fault of the user's, or was killed; another run is at work on the same job
                file; or the disk is full.
        """
        with full_disk_told(job_file):
            job_file.parent.mkdir(parents=True, exist_ok=True)
            with only_one(job_file, ".run"):  # to its end: another's job would be read by a child that still starts
                with only_one(job_file):  # a child may be at work whose run was killed
                    fault_file(job_file).unlink(missing_ok=True)
                    job.save(job_file)
                if (ended := self._end_of(context, module, job, job_file)) != 0:
                    raise GaeaError(_explain(ended, module, job, job_file))

    def _end_of(self, context: dg.AssetExecutionContext, module: str, job: Job, job_file: Path) -> int | str:
        """The exit status of the child, or why it has none."""
        recipe = Training.model_validate(job.training) if isinstance(job, TrainJob) else Training()
        several = ["gaea_assets.finetune.launch", str(recipe.processes)]
        start = several if recipe.processes > 1 else ["gaea_assets.finetune"]
        arguments = ["-m", *start, module, str(job_file)]
        if recipe.trainer == "ray":
            return self._run_on_ray(context, arguments, recipe.processes)
        return self._run_here(context, arguments)

    def _run_here(self, context: dg.AssetExecutionContext, arguments: list[str]) -> int:
        """The exit status of Python on this machine; a signal's number is negative."""
        try:
            with warnings.catch_warnings():
                # Dagster's own reader is a preview in 1.13; nobody who trains a voice can do anything about it.
                warnings.simplefilter("ignore", dg.PreviewWarning)
                self._client.run(context=context, command=[sys.executable, *arguments])
        except DagsterPipesExecutionError as error:
            return int(str(error).rsplit(" ", 1)[-1])
        return 0

    def _run_on_ray(self, context: dg.AssetExecutionContext, arguments: list[str], processes: int) -> int | str:
        """The exit status of Python as a Ray job, or why it has none."""
        try:
            from gaea_assets.ray_jobs import run_ray_job
        except ModuleNotFoundError as error:
            missing = (error.name or "ray").split(".")[0]
            raise GaeaError(
                f"training.trainer: ray: the module {missing} is not installed; run: "
                f"pip install -c requirements.lock -e '.[ray]', or set training.trainer: local"
            ) from None
        return run_ray_job(context, arguments, processes, CHILD_ENV, self.termination_timeout)


def _explain(ended: int | str, module: str, job: Job, job_file: Path) -> str:
    """Why the child ended, in one line.

    Args:
        ended: Its exit status (a signal's number is negative), or what is known where it has none.
        module: What it ran.
        job: What it was told.
        job_file: Beside it the child leaves a fault that it has found.
    """
    fault = fault_file(job_file)
    if fault.exists():
        line = fault.read_text("utf-8")
        fault.unlink()  # it explains this run, not another one that may still be at work
        return line
    what = module.rsplit(".", 1)[-1]
    found = complete_checkpoints(Path(job.checkpoints)) if isinstance(job, TrainJob) else []
    done = [checkpoint for checkpoint in found if checkpoint.kept]
    resume = f"it goes on from step {done[-1].step}" if done else "it starts from the beginning"
    if isinstance(ended, str):
        return f"the {what} process ended without a status ({ended}); materialise again: {resume}"
    if ended < 0:
        memory = " (out of memory?)" if ended == -signal.SIGKILL else ""
        return f"the {what} process was killed by signal {-ended}{memory}; materialise again: {resume}"
    if ended == FAULT_EXIT:
        return (
            f"the {what} process found a fault whose line it could not write to {fault} (is the disk full?); the line "
            f"is in the run's output"
        )
    return f"the {what} process failed (status {ended}); its error is in the run's output"
