"""TRL's trainer with micro-steps that fit: packed to a size in tokens, made smaller where memory ends."""

import math
from collections.abc import Callable, Sequence
from typing import Any, cast

import torch  # noqa: TID253 - the training process
from accelerate.data_loader import prepare_data_loader
from accelerate.utils import reduce
from accelerate.utils.memory import clear_device_cache
from datasets import Dataset
from peft import PeftModel  # noqa: TID253
from peft.optimizers import create_loraplus_optimizer  # noqa: TID253
from torch.utils.data import DataLoader  # noqa: TID253
from transformers import PreTrainedModel  # noqa: TID253
from trl import SFTTrainer  # noqa: TID253

from gaea_assets.errors import GaeaError
from gaea_assets.finetune.attention import attend_within_examples
from gaea_assets.finetune.loss import answer_with_loss
from gaea_assets.finetune.micro import MicroPlan
from gaea_assets.finetune.model import IGNORED, Encoded
from gaea_assets.finetune.packing import step_shares
from gaea_assets.finetune.shortage import SMALLER_STEPS, is_shortage, shortage

Log = Callable[[str], None]


class AdapterTrainer(SFTTrainer):
    """Trains an adapter; one batch of the data loader is one optimiser step.

    How a step is cut into micro-steps has no influence on its gradient: the loss is the sum over the step's completion
    tokens divided by their number, whatever they are computed with.

    Args:
        examples: The training examples.
        ways: How to compute a step, the first first; the next one where memory ends.
        log: Takes one line of progress.
        lora_plus_ratio: Learning rate of the B matrices over that of the A matrices.
        settings: What `SFTTrainer` takes. `per_device_train_batch_size` is the examples of an optimiser step.
    """

    def __init__(
        self,
        examples: Sequence[Encoded],
        ways: Sequence[MicroPlan],
        log: Log,
        lora_plus_ratio: float | None = None,
        **settings: Any,
    ) -> None:
        rows = Dataset.from_list([{"input_ids": e.input_ids, "labels": e.labels} for e in examples])
        super().__init__(train_dataset=rows, data_collator=_together, **settings)
        self.tokens_seen = 0
        self._rows, self._log, self._lora_plus_ratio = rows, log, lora_plus_ratio
        self._ways: list[MicroPlan] = list(ways)
        assert isinstance(self.model, PeftModel)  # noqa: S101 - SFTTrainer has wrapped it
        self._adapted = self.model
        self._base = cast(PreTrainedModel, self.model.get_base_model())
        attend_within_examples(self._base, log)
        answer_with_loss(self._base, IGNORED)
        # TRL casts a QLoRA adapter to bfloat16, but PEFT loads that of a checkpoint in float32: a resumed training
        # would go on in another precision. float32 also keeps the small updates that bfloat16 rounds away.
        for parameter in self._adapted.parameters():
            if parameter.requires_grad:
                parameter.data = parameter.data.float()
        self._set_checkpointing()

    @property
    def way(self) -> MicroPlan:
        """How a step is computed now."""
        return self._ways[0]

    def get_train_dataloader(self) -> DataLoader:
        """Every process gets the whole of each step; `step_shares` says which part of it is whose."""
        loader = DataLoader(
            self._rows, batch_size=self.args.per_device_train_batch_size, shuffle=True, collate_fn=_together
        )
        return prepare_data_loader(
            loader, num_processes=1, process_index=0, use_seedable_sampler=True, data_seed=self.args.data_seed
        )

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """TRL's, or that of LoRA+ (Hayou et al. 2024)."""
        if self._lora_plus_ratio is None:
            return super().create_optimizer(model)
        if self.optimizer is None:
            kind, settings = self.get_optimizer_cls_and_kwargs(self.args)
            self.optimizer = create_loraplus_optimizer(
                self._adapted,
                kind,
                loraplus_lr_ratio=self._lora_plus_ratio,
                loraplus_weight_decay=self.args.weight_decay,
                **settings,
            )
        return self.optimizer

    def create_scheduler(
        self, num_training_steps: int, optimizer: torch.optim.Optimizer | None = None
    ) -> torch.optim.lr_scheduler.LRScheduler:
        """Linear warm-up, then a cosine, in which no step has a learning rate of 0."""
        if self.lr_scheduler is None:
            warmup, optimizer = self.args.get_warmup_steps(num_training_steps), optimizer or self.optimizer
            assert optimizer is not None  # noqa: S101 - the trainer makes it first
            self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
                optimizer, lambda done: share_of_peak(done, warmup, num_training_steps)
            )
            self._created_lr_scheduler = True
        return self.lr_scheduler

    def training_step(
        self, model: torch.nn.Module, inputs: dict[str, Any], num_items_in_batch: torch.Tensor | int | None = None
    ) -> torch.Tensor:
        """Loss and gradient of one optimiser step: computed again, in smaller parts, where memory ends.

        Of several processes each computes its part by itself; gradients and losses are summed when all have. Until
        then none waits for another, so that all can go down to the smaller parts together.

        Raises:
            GaeaError: The smallest part does not fit either, or the loss is not finite.
        """
        model.train()
        examples = inputs["examples"]
        while True:
            short_of_memory = None
            try:
                loss = self._own_part(examples)
            except RuntimeError as error:
                if not is_shortage(error):
                    raise
                short_of_memory = str(error)
            if not self._summed(float(short_of_memory is not None)):
                break
            self._take_smaller(short_of_memory or "in another of the processes")
            model.zero_grad()
            clear_device_cache(garbage_collection=True)
        self._sum_gradients()
        loss = loss.new_tensor(self._summed(loss.item()))
        self.tokens_seen += sum(len(example.input_ids) for example in examples)
        if not torch.isfinite(loss):
            raise GaeaError(
                f"the loss at step {self.state.global_step + 1} is {loss.item()}; set training.learning_rate lower "
                f"than {self.args.learning_rate:g}, to 1e-4 for a start"
            )
        return loss

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:
        """None counted: the plan of a training does."""
        return 0

    def _own_part(self, examples: Sequence[Encoded]) -> torch.Tensor:
        """This process's part of the mean loss of a step's completion tokens; gradients are added up on the adapter."""
        tokens = sum(len(example.input_ids) - example.completion_start for example in examples)
        total = torch.zeros((), device=self.args.device)
        lengths = [len(example.input_ids) for example in examples]
        dealt = step_shares(lengths, self.way.tokens, self.accelerator.num_processes)
        for group in dealt[self.accelerator.process_index]:
            rows = self._prepare_inputs(row([examples[i] for i in group]))
            with self.compute_loss_context_manager():
                # Not through the wrapper of data parallelism, which would wait for the other processes in here.
                mean = self._adapted(**rows)["loss"] / tokens
            self.accelerator.backward(mean)
            total += mean.detach()
        return total

    def _summed(self, number: float) -> float:
        """The sum over all processes; each of them has to ask for it."""
        if self.accelerator.num_processes == 1:
            return number
        return float(reduce(torch.tensor(number, device=self.args.device), "sum").item())

    def _sum_gradients(self) -> None:
        """Let each process have the gradient of the whole step."""
        if self.accelerator.num_processes == 1:
            return
        for parameter in self._adapted.parameters():
            if parameter.requires_grad:
                if parameter.grad is None:  # a process to which nothing was dealt
                    parameter.grad = torch.zeros_like(parameter)
                torch.distributed.all_reduce(parameter.grad)

    def _take_smaller(self, why: str) -> None:
        if len(self._ways) == 1:
            raise shortage(f"computing step {self.state.global_step + 1} with {told(self.way)}", SMALLER_STEPS, why)
        before = self._ways.pop(0)
        self._set_checkpointing()
        self._log(
            f"out of memory with {told(before)}; step {self.state.global_step + 1} is computed again with "
            f"{told(self.way)}, the examples of a step stay the same"
        )

    def _set_checkpointing(self) -> None:
        if self.way.checkpointing:
            self._base.gradient_checkpointing_enable({"use_reentrant": False})
        elif self._base.is_gradient_checkpointing:
            self._base.gradient_checkpointing_disable()


def row(examples: Sequence[Encoded]) -> dict[str, Any]:
    """Examples one after another, as a model with `attend_within_examples` and `answer_with_loss` takes them."""
    return {
        "input_ids": torch.tensor([[token for example in examples for token in example.input_ids]]),
        "labels": torch.tensor([[label for example in examples for label in example.labels]]),
        "position_ids": torch.tensor([[n for example in examples for n in range(len(example.input_ids))]]),
        "example_lengths": tuple(len(example.input_ids) for example in examples),
    }


def told(way: MicroPlan) -> str:
    """A way of computing a step, for a person."""
    recomputed = "activations recomputed" if way.checkpointing else "activations kept"
    return f"{way.tokens:,} tokens at once, {recomputed}"


def share_of_peak(done: int, warmup: int, steps: int) -> float:
    """The learning rate of the next step, as a share of its peak.

    transformers' cosine schedule for one step more, without its first one. Theirs begins at 0, which wastes one of
    the few steps that a manuscript makes; the one of theirs that does not (`cosine_warmup_with_min_lr`) ends at 0.

    Args:
        done: Steps that are done.
        warmup: Steps of the linear warm-up; the last of them has the peak.
        steps: Steps in all.
    """
    warmup = max(1, warmup)
    if done + 1 < warmup:
        return (done + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (done + 1 - warmup) / (steps + 1 - warmup)))


def _together(rows: list[dict[str, list[int]]]) -> dict[str, list[Encoded]]:
    """A step's rows as examples; `training_step` makes the tensors."""
    return {"examples": [Encoded(row["input_ids"], row["labels"].count(IGNORED)) for row in rows]}
