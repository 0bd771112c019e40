"""Fills a container of an Azure account: azure_blobs.py put URL ACCOUNT KEY CONTAINER DIRECTORY; or prints shared access
signatures for it, the second with an end that is past: azure_blobs.py sign ACCOUNT KEY CONTAINER."""

import base64
import datetime
import hashlib
import hmac
import pathlib
import sys
import urllib.parse
import urllib.request

VERSION = "2021-08-06"


def signed(key, text):
    return base64.b64encode(hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()).decode()


def request(url, account, key, path, query, body, headers):
    """PUT, with the account's key (authorize-with-shared-key)."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")
    headers = {**headers, "x-ms-date": now, "x-ms-version": VERSION}
    path = "/" + account + urllib.parse.quote(path)
    length = str(len(body)) if body else ""
    kind = "application/octet-stream"
    canonical = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    resource = f"/{account}{path}" + "".join(f"\n{name}:{query[name]}" for name in sorted(query))
    text = f"PUT\n\n\n{length}\n\n{kind}\n\n\n\n\n\n\n{canonical}{resource}"
    headers["Authorization"] = f"SharedKey {account}:{signed(key, text)}"
    headers["Content-Type"] = kind
    address = url + path + ("?" + urllib.parse.urlencode(query) if query else "")
    with urllib.request.urlopen(urllib.request.Request(address, body, headers, method="PUT")) as answer:
        assert answer.status == 201, answer


def put(url, account, key, container, directory):
    request(url, account, key, "/" + container, {"restype": "container"}, b"", {})
    directory = pathlib.Path(directory)
    for file in sorted(path for path in directory.rglob("*") if path.is_file()):
        name = f"/{container}/{file.relative_to(directory)}"
        request(url, account, key, name, {}, file.read_bytes(), {"x-ms-blob-type": "BlockBlob"})


def sign(account, key, container):
    """May read and list for an hour; might until an hour ago (create-service-sas)."""
    for hours in (1, -1):
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
        end = end.strftime("%Y-%m-%dT%H:%M:%SZ")
        parts = ["rl", "", end, f"/blob/{account}/{container}", "", "", "", VERSION, "c", "", "", "", "", "", "", ""]
        query = {"sv": VERSION, "sr": "c", "sp": "rl", "se": end, "sig": signed(key, "\n".join(parts))}
        print(urllib.parse.urlencode(query))


if __name__ == "__main__":
    {"put": put, "sign": sign}[sys.argv[1]](*sys.argv[2:])
