"""The same server that the server's own tests use."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

PATH = Path(__file__).resolve().parents[1] / "server" / "conftest.py"
spec = spec_from_file_location("server_fixtures", PATH)
assert spec is not None and spec.loader is not None
module = module_from_spec(spec)
sys.modules["server_fixtures"] = module
spec.loader.exec_module(module)

empty_catalogue, clock, house, static, app, live = (
    module.empty_catalogue,
    module.clock,
    module.house,
    module.static,
    module.app,
    module.live,
)
ada, ben, ben_key = module.ada, module.ben, module.ben_key
