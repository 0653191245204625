"""What the tests need of a browser: Chromium by chromedriver's HTTP interface (W3C WebDriver), the standard library only."""

import base64
import json
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    # nothing of a page may ask the network; a test that needs a server would have to take this out
    "--host-resolver-rules=MAP * ~NOTFOUND",
]
START_SECONDS = 120
ANSWER_SECONDS = 120


class Browser:
    """Used by `with`; the profile is new and empty, and all processes are gone afterwards."""

    def __init__(self):
        self.home = tempfile.TemporaryDirectory(prefix="postern-browser-", ignore_cleanup_errors=True)
        self.driver = None
        self.base = None

    def __enter__(self):
        log = self.home.name + "/driver.log"
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0", "--log-path=" + self.home.name + "/chromedriver.log"],
            stdin=subprocess.DEVNULL,
            stdout=open(log, "w"),
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "HOME": self.home.name, "TMPDIR": self.home.name, "LANG": "C.UTF-8"},
        )
        try:
            self.base = "http://127.0.0.1:%d" % self.port(log)
            options = {"args": ARGUMENTS + ["--user-data-dir=" + self.home.name + "/profile"], "binary": "/usr/bin/chromium"}
            session = self.call(
                "POST", "/session", {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}}
            )
            self.base += "/session/" + session["sessionId"]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            if self.base is not None and "/session/" in self.base:
                self.call("DELETE", "", None)
        except (OSError, RuntimeError):
            pass
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.home.cleanup()

    def port(self, log):
        """The driver takes a free port and tells it in a line of its own words."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.driver.poll() is None:
            for line in open(log):
                if "successfully on port" in line:
                    return int("".join(c for c in line.rsplit("port", 1)[1] if c.isdigit()))
            time.sleep(0.05)
        raise RuntimeError("chromedriver does not start: " + open(log).read())

    def call(self, method, path, body):
        request = urllib.request.Request(self.base + path, method=method)
        data = None if body is None else json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, data, ANSWER_SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as e:
            raise RuntimeError(e.read().decode(errors="replace")) from e

    def devtools(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def script(self, text, *arguments):
        return self.call("POST", "/execute/sync", {"script": text, "args": list(arguments)})

    def open(self, file, width, height, dark=False, phone=False):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.devtools("Emulation.setEmulatedMedia", media="", features=features)
        self.call("POST", "/url", {"url": "file://" + file})

    def picture(self, file, whole=True):
        """Writes a PNG of the page, all of it or what fits in the window."""
        data = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        with open(file, "wb") as f:
            f.write(base64.b64decode(data))

    def pages(self):
        """How many sheets of A4 the page takes on paper."""
        data = base64.b64decode(self.devtools("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"])
        return data.count(b"/Type /Page\n") or data.count(b"/Type /Page")
