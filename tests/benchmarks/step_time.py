"""How much longer a watched training step takes than a bare one, on the three reference models, beside three peers.

Bare and watched blocks of steps take turns in one process, on copies of the same model, so that both see the same
machine; the order in each pair is drawn. The server is a process of its own. A block covers the sampling intervals that
the run has come to. A second bare copy in the same rounds is the noise floor. Then TensorBoard's SummaryWriter, W&B
offline and trackio log the same detail at the same intervals, each against its own bare copy. Where a GPU is at hand
the same follows there, with a profiler trace. About 35 minutes on two quiet cores:

    python tests/benchmarks/step_time.py [--models mlp] [--pairs 30] [--peer-pairs 6] [--peers none]

Exits with 2 where a peer that was asked for is not installed.
"""

import argparse
import gc
import sys
import tempfile
from pathlib import Path

import torch
from first_steps import first_steps
from peer_costs import missing, peer_cost, peers
from reference import REFERENCES, Reference
from serving import serving
from steady_state import steady_state
from synchronisation import added, traced
from watched import Watched


def measure(reference: Reference, device: str, server: str, chosen: argparse.Namespace) -> None:
    """The lines of one model on one device."""
    print(f"\n-- {reference.name} on {device}", flush=True)
    # A console that W&B captures and folders that it still writes to outlive the block.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        begun, bare, watched, follower = first_steps(
            reference, device, lambda: Watched(server, f"{reference.name} on {device}", folder)
        )
        print(begun, flush=True)
        ours = steady_state(reference, device, bare, watched, follower, chosen.pairs)
        print(ours, flush=True)
        if device != "cpu":
            more = added(traced(bare), traced(watched))
            print(f"calls that wait for the GPU, watched beyond bare: {more or 'none'}", flush=True)
        follower.close()
        del bare, watched, follower
        for package in chosen.peers:
            print(peer_cost(package, reference, device, Path(folder), ours, chosen.peer_pairs), flush=True)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Step time watched against bare, and beside peers.")
    parser.add_argument("--models", nargs="*", default=list(REFERENCES), choices=list(REFERENCES))
    parser.add_argument("--pairs", type=int, default=30, help="interleaved pairs in steady state")
    parser.add_argument("--peers", nargs="*", default=list(peers()), choices=[*peers(), "none"])
    parser.add_argument("--peer-pairs", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1, help="torch threads")
    parser.add_argument("--devices", nargs="*", default=["cpu", *(["cuda"] if torch.cuda.is_available() else [])])
    chosen = parser.parse_args()
    chosen.peers = [package for package in chosen.peers if package != "none"]
    return chosen


def main() -> int:
    chosen = options()
    absent = [package for package in missing() if package in chosen.peers]
    if absent:
        print(f"not installed: {', '.join(absent)}. `pip install -c constraints.txt -e '.[bench]'` brings the peers;")
        print("`--peers none` measures without them.")
        return 2
    torch.set_num_threads(chosen.threads)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} thread(s); figures are median [95 % interval]")
    gc.disable()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        for device in chosen.devices:
            for name in chosen.models:
                measure(REFERENCES[name], device, server, chosen)
                gc.collect()
    return 0


if __name__ == "__main__":
    sys.exit(main())
