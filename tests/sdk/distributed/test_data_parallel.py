"""Two processes under DistributedDataParallel: one run, whose numbers are those of the whole batch."""

from typing import Any

import numpy as np
import pytest
from distributed.conftest import Launched, launched

from trainvitals_wire.histogram import Histogram


def runs(server, project: str) -> list[Any]:
    return list(server.get("runs", project=project)["runs"])


def series(server, run_id: str, key: str) -> dict[int, float]:
    """Each stored step of a series; the last write stands."""
    found = server.get(f"runs/{run_id}/data", key=key)["series"][0]
    return dict(zip(found["steps"], found["last"], strict=True))


def keys(server, run_id: str) -> set[str]:
    return {entry["key"] for entry in server.get(f"runs/{run_id}/series")["series"]}


def merged(server, eventually, run_id: str, key: str, count: int) -> dict[int, float]:
    """A merged series once it has `count` points: merging runs beside ingest."""
    eventually(lambda: key in keys(server, run_id) and len(series(server, run_id, key)) >= count)
    return series(server, run_id, key)


def test_two_ranks_are_one_run(ranks: Launched, shared_server) -> None:
    first, second = ranks.told("data_parallel")
    assert first["id"] == second["id"]
    assert first["dropped"] == second["dropped"] == {}
    (run,) = runs(shared_server, "data_parallel")
    assert run["id"] == first["id"]
    assert run["status"] == "finished"


def test_ranks_train_as_if_nobody_watched(ranks: Launched) -> None:
    for watched, bare in zip(ranks.kept("watched"), ranks.kept("bare"), strict=True):
        assert set(watched) == set(bare)
        assert all(np.array_equal(watched[name], bare[name]) for name in bare)


def test_activations_are_those_of_the_whole_batch(ranks: Launched, shared_server, eventually) -> None:
    run_id, outputs = ranks.told("data_parallel")[0]["id"], ranks.kept("outputs")
    for layer in outputs[0]:
        whole = np.stack([found[layer] for found in outputs]).astype(np.float64)
        check_activations(shared_server, eventually, run_id, layer, whole)
        check_histogram(shared_server, run_id, layer, whole)


def check_activations(server, eventually, run_id: str, layer: str, whole) -> None:
    """Against every output of both ranks [ranks, steps, ...] laid side by side."""
    truth = {
        "activation_mean": lambda step: whole[:, step].mean(),
        "activation_std": lambda step: whole[:, step].std(),
        "activation_zero_fraction": lambda step: (whole[:, step] == 0).mean(),
    }
    for statistic, expected in truth.items():
        found = merged(server, eventually, run_id, f"{statistic}/{layer}", 20)
        assert {step: pytest.approx(expected(step), rel=1e-5, abs=1e-7) for step in found} == found


def check_histogram(server, run_id: str, layer: str, whole) -> None:
    found = server.get(f"runs/{run_id}/histograms", key=f"activation/{layer}")
    for step, counts in zip(found["steps"], found["counts"], strict=True):
        expected = Histogram.of("", 0, 0.0, whole[:, step].astype(np.float32)).dense()
        assert [count for count in counts if count] == expected[expected > 0].tolist()


def test_each_rank_tells_what_is_its_own(ranks: Launched, shared_server) -> None:
    server, run_id = shared_server, ranks.told("data_parallel")[0]["id"]
    told = keys(server, run_id)
    assert {"loss", "rank1/loss", "gradient_norm/0.weight", "rank1/weight_norm/0.weight"} <= told
    assert not {key for key in told if key.startswith("rank1/gradient")}
    assert series(server, run_id, "loss") != series(server, run_id, "rank1/loss")
    assert series(server, run_id, "weight_norm/0.weight") == series(server, run_id, "rank1/weight_norm/0.weight")
    run = server.get(f"runs/{run_id}")
    assert run["environment"]["world_size"] == 2
    assert set(run["environment"]["rank1"]) == {"host", "process"}
    assert set(run["dropped"]) <= {"replaced"}  # A share that this machine brought late was merged in.


def findings(server, run_id: str) -> list[Any]:
    found = server.get(f"runs/{run_id}/warnings")["warnings"]
    return [entry for entry in found if entry["rule"] == "rank_divergence"]


def test_ranks_whose_copies_drift_apart_are_named(ranks: Launched, shared_server, eventually) -> None:
    run_id = ranks.told("forgotten_wrap")[0]["id"]
    (entry,) = eventually(lambda: findings(shared_server, run_id))
    assert entry["summary"].startswith("Rank 1 holds other weights than rank 0 since step 0: the norm of 0.weight is ")
    assert entry["severity"] == "warning"
    assert entry["causes"][0]["cause"] == "rank_divergence"
    assert "DistributedDataParallel" in entry["remedy"]


def test_a_rank_with_a_corrupt_shard_is_named(ranks: Launched, shared_server, eventually) -> None:
    run_id = ranks.told("corrupt_shard")[0]["id"]
    (entry,) = eventually(lambda: findings(shared_server, run_id))
    assert entry["summary"].startswith("The loss of rank 1 is ")
    assert entry["series"] == "rank1/loss"


@pytest.mark.parametrize("scenario", ["data_parallel", "sound_shards", "sharded", "only_rank_0"])
def test_ranks_that_stay_together_are_left_in_peace(ranks: Launched, shared_server, scenario: str) -> None:
    assert findings(shared_server, ranks.told(scenario)[0]["id"]) == []


def test_a_run_that_only_rank_0_watches_has_all_of_its_numbers(ranks: Launched, shared_server, eventually) -> None:
    run_id = ranks.told("only_rank_0")[0]["id"]
    merged(shared_server, eventually, run_id, "activation_std/0", 20)
    assert not {key for key in keys(shared_server, run_id) if key.startswith("rank1/")}


def test_the_death_of_a_rank_keeps_nobody_waiting(shared_server, tmp_path, eventually) -> None:
    first, second = launched(shared_server, tmp_path, "killed", exit_codes=(0, 9)).told("killed")
    assert second is None
    assert first["status"] == "failed"
    assert shared_server.get(f"runs/{first['id']}")["status"] == "failed"
    # What rank 0 saw of the last step is told without the other's share.
    merged(shared_server, eventually, first["id"], "activation_std/0", 6)
