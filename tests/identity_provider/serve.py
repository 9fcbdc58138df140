"""`serve.py PORT FOLDER`: founds a federation anew in FOLDER and serves it at 127.0.0.1:PORT until its standard input ends."""
import os
import sys
import threading
from pathlib import Path

port, folder = sys.argv[1:]
database = Path(folder) / f"{port}.sqlite3"
sys.dont_write_bytecode = True
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "settings",
    "PROVIDER_PORT": port,
    "PROVIDER_DATABASE": str(database),
}



def end_with_whoever_started_us():
    sys.stdin.buffer.read()
    database.unlink(missing_ok=True)
    os._exit(0)


database.unlink(missing_ok=True)
threading.Thread(target=end_with_whoever_started_us, daemon=True).start()

import django

django.setup()
from django.core.management import call_command

call_command("migrate", verbosity=0)
from federation import found_anchor, found_provider

found_anchor()
found_provider()
call_command("runserver", f"127.0.0.1:{port}", use_reloader=False)
