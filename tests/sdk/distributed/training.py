"""One rank of small real trainings on gloo, run as a script: `training.py FOLDER SCENARIO ...`, one after the other.

Each scenario is a function of this file. A rank writes into FOLDER what a test needs as truth, and what the scenario
gives as JSON.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import nn

import trainvitals as tv

STEPS = 24
SAMPLES = 16
FEATURES = 8
CLASSES = 3
WEIGHTS = torch.randn(FEATURES, CLASSES, generator=torch.Generator().manual_seed(7)) * 3


class Rank:
    """What a scenario works with; `folder` takes the truth of this rank."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = int(os.environ["RANK"])
        self.count = int(os.environ["WORLD_SIZE"])
        self.generator = torch.Generator().manual_seed(100 + self.number)

    def join(self) -> None:
        attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
        if attempt == "0":
            dist.init_process_group("gloo")
            return
        # Gloo finds the addresses of the attempt before in torchrun's store, with trainvitals or without.
        store = dist.TCPStore(os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]), is_master=False)
        apart = dist.PrefixStore(f"again{attempt}", store)
        dist.init_process_group("gloo", store=apart, rank=self.number, world_size=self.count)

    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        inputs = torch.randn(SAMPLES, FEATURES, generator=self.generator)
        return inputs, (inputs @ WEIGHTS).argmax(1)

    def keep(self, name: str, **arrays: Any) -> None:
        np.savez(self.folder / f"{name}.rank{self.number}.npz", **{k.replace("/", "|"): v for k, v in arrays.items()})


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(FEATURES, 17), nn.ReLU(), nn.Linear(17, CLASSES))


def train(
    rank: Rank,
    model: nn.Module,
    run: Any = None,
    *,
    steps: int = STEPS,
    each: Callable[[int], None] = lambda step: None,
    labels: Callable[[torch.Tensor], torch.Tensor] = lambda labels: labels,
    **watch: Any,
) -> torch.optim.Optimizer:
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    criterion = nn.CrossEntropyLoss()
    if run is not None:
        run.watch(model, optimizer, criterion, **watch)
    for step in range(steps):
        inputs, targets = rank.batch()
        loss = criterion(model(inputs), labels(targets))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if run is not None:
            run.log({"loss": loss})
            settle(run)
        each(step)
    return optimizer


def settle(run: Any) -> None:
    """Wait for the worker, so that the next step finds a free buffer set however busy the machine is."""
    for watch in run._watches:
        assert watch._worker.settle(30)


def data_parallel(rank: Rank, *, watched: bool = True) -> Any:
    """DistributedDataParallel; keeps every output of every layer."""
    rank.join()
    run = tv.init(project="data_parallel") if watched else None
    model = network()
    outputs: dict[str, list[Any]] = {name: [] for name in "012"}
    for name, layer in model.named_children():
        layer.register_forward_hook(lambda _, __, out, to=outputs[name]: to.append(out.detach().numpy().copy()))
    parallel = nn.parallel.DistributedDataParallel(model)
    train(rank, parallel, run)
    weights = {name: tensor.detach().numpy() for name, tensor in model.named_parameters()}
    rank.keep("watched" if watched else "bare", **weights, random=torch.get_rng_state().numpy())
    if run is None:
        return None
    rank.keep("outputs", **{name: np.array(found) for name, found in outputs.items()})
    run.finish()
    return {"id": run.id, "dropped": run.dropped}


def bare(rank: Rank) -> Any:
    """The same without the SDK."""
    return data_parallel(rank, watched=False)


def sharded(rank: Rank) -> Any:
    """FSDP2; keeps whole gradients and weights of each step, gathered by the script itself."""
    from torch.distributed.fsdp import fully_shard

    rank.join()
    run = tv.init(project="sharded")
    model = network()
    for layer in (model[0], model[2]):
        fully_shard(layer)
    fully_shard(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    run.watch(model, optimizer)
    kept: dict[str, list[Any]] = {}

    def keep(what: str) -> None:
        for name, tensor in model.named_parameters():
            whole = (tensor.grad if what == "gradient" else tensor).full_tensor()
            kept.setdefault(f"{what}/{name}", []).append(whole.detach().numpy().copy())

    for _ in range(8):
        inputs, targets = rank.batch()
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), targets).backward()
        keep("gradient")
        keep("before")
        optimizer.step()
        keep("weight")
        settle(run)
    rank.keep("whole", **{name: np.array(found) for name, found in kept.items()})
    run.finish()
    return {"id": run.id, "dropped": run.dropped}


def forgotten_wrap(rank: Rank) -> Any:
    """Each rank trains a model of its own: nobody wrapped it."""
    rank.join()
    run = tv.init(project="forgotten_wrap")
    train(rank, network(), run)
    dist.barrier()
    run.finish()
    return {"id": run.id}


def corrupt_shard(rank: Rank, labels: Callable[[torch.Tensor], torch.Tensor] | None = None) -> Any:
    """The labels of rank 1 are shuffled."""
    rank.join()
    run = tv.init(project="corrupt_shard")

    def shuffled(found: torch.Tensor) -> torch.Tensor:
        return found[torch.randperm(len(found), generator=rank.generator)] if rank.number == 1 else found

    train(rank, nn.parallel.DistributedDataParallel(network()), run, steps=300, labels=labels or shuffled)
    run.finish()
    return {"id": run.id}


def sound_shards(rank: Rank) -> Any:
    """The healthy twin."""
    return corrupt_shard(rank, labels=lambda found: found)


def only_rank_0(rank: Rank) -> Any:
    """The usual pattern of people whose tracker knows of no ranks."""
    rank.join()
    run = tv.init(project="only_rank_0") if rank.number == 0 else None
    train(rank, nn.parallel.DistributedDataParallel(network()), run)
    if run is not None:
        run.finish()
    return {"id": run.id if run is not None else None}


def killed(rank: Rank) -> Any:
    """Rank 1 dies in the middle; rank 0 hears of it from its own next all-reduce."""
    rank.join()
    run = tv.init(project="killed")

    def die(step: int) -> None:
        if rank.number == 1 and step == 5:
            os._exit(9)

    try:
        train(rank, nn.parallel.DistributedDataParallel(network()), run, each=die)
    except RuntimeError as error:
        run.fail(error, timeout_seconds=10)
    return {"id": run.id, "status": run.status}


def early(rank: Rank) -> Any:
    """`init` before there is a process group; the first attempt of a launch fails on rank 1."""
    run = tv.init(project="early")
    rank.join()
    attempt = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))

    def fail(step: int) -> None:
        if attempt == 0 and rank.number == 1 and step == 5 and "FAIL_ONCE" in os.environ:
            run.log({"attempt": attempt})
            raise ValueError("the first attempt fails")

    train(rank, nn.parallel.DistributedDataParallel(network()), run, steps=8, each=fail)
    run.finish()
    return {"id": run.id, "attempt": attempt}


def spawned(number: int, folder: str) -> None:
    """A rank that `torch.multiprocessing.spawn` started, whose `init` comes before there is a process group."""
    os.environ["RANK"] = str(number)
    rank = Rank(Path(folder))
    run = tv.init(project="spawned")
    rank.join()
    train(rank, nn.parallel.DistributedDataParallel(network()), run, steps=4)
    run.finish()
    (rank.folder / f"spawned.rank{number}.json").write_text(json.dumps({"id": run.id}))
    dist.destroy_process_group()


def main() -> None:
    torch.set_num_threads(1)
    if sys.argv[2] == "spawned":
        os.environ["MASTER_PORT"] = os.environ["PORTS"].split()[0]
        torch.multiprocessing.spawn(spawned, (sys.argv[1],), nprocs=2)
        return
    folder, rank = Path(sys.argv[1]), Rank(Path(sys.argv[1]))
    for scenario, port in zip(sys.argv[2:], os.environ["PORTS"].split(), strict=False):
        # A group of its own for each: the port of one that was taken down may still be taken.
        if scenario != "early":
            os.environ["MASTER_PORT"] = port
        rank.generator.manual_seed(100 + rank.number)
        found = globals()[scenario](rank)
        (folder / f"{scenario}.rank{rank.number}.json").write_text(json.dumps(found))
        if scenario == "killed":
            # The group is broken: taking it down would wait for the dead.
            os._exit(0)
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
