"""The process that asks an operator's rule on frames about an imported film.

The rule may load a model, so neither the API's process runs it nor one without memory. `reason` starts the process.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from yozora.server.safety import policy
from yozora.server.safety.film_pictures import shots_of


def reason(path: Path, rules: Path, seconds: float) -> str | None:
    """Why the policy in the file `rules` blocks a film; None where it does not. Raises `RuntimeError` where the rule
    does not answer within so many seconds, or fails.
    """
    paths = os.pathsep.join(part for part in sys.path if part)
    command = [sys.executable, "-m", "yozora.server.safety.frame_rules", str(rules.absolute()), str(path.absolute())]
    try:
        ended = subprocess.run(
            command, capture_output=True, check=False, timeout=seconds, env=os.environ | {"PYTHONPATH": paths}
        )
        found = json.loads(ended.stdout.splitlines()[-1])["reason"]
    except (subprocess.TimeoutExpired, ValueError, LookupError) as error:
        raise RuntimeError("the policy's rule on frames does not answer") from error
    return None if found is None else str(found)


def main(rules: str, path: str) -> dict[str, str | None]:
    """Why the film is blocked."""
    return {"reason": policy.load(Path(rules)).check_frames(shots_of(Path(path)))}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
