"""Check an exported Causeway event log, or the proof of one event, without Causeway.

python verify_log.py FILE [--key BASE64 ...] [--head NUMBER:HEX ...]
Needs Python 3.9 and `cryptography`. --key: the keys you trust, got elsewhere than in the file. --head: heads you kept, as the
weekly mail gives them. Exit status 0: intact; 1: not intact, and where first.
"""
import argparse, base64, hashlib, json, sys, uuid
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NUMBERS = ("number", "first", "size", "since", "through", "images", "sealed_at")
HASHES = ("root", "images_digest", "rows_digest", "previous_head")
def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()
def need(holds, what):
    if not holds:
        raise ValueError(what)
def root(level):
    while len(level) > 1:
        level = [sha(b"\x01", a, b) for a, b in zip(level[::2], level[1::2])] + (level[-1:] if len(level) % 2 else [])
    return level[0]
def climb(node, index, size, path):  # RFC 9162, 2.1.3.2
    last, path = size - 1, [bytes.fromhex(step) for step in path]
    while last and path:
        if index % 2 or index < last:
            node = sha(b"\x01", path.pop(0), node) if index % 2 else sha(b"\x01", node, path.pop(0))
        index, last = index // 2, last // 2
    return b"" if last or path else node
def check_head(batch, keys):
    name, head = f"batch {batch['number']}", bytes.fromhex(batch["head"])
    words = [batch[field].to_bytes(8, "big") for field in NUMBERS] + [bytes.fromhex(batch[field]) for field in HASHES]
    need(sha(b"\x02", uuid.UUID(batch["organization_id"]).bytes, *words) == head, f"{name}: its head is not what it says")
    need(batch["key_id"] in keys, f"{name}: signed by {batch['key_id']}, which is no key you trust")
    Ed25519PublicKey.from_public_bytes(keys[batch["key_id"]]).verify(bytes.fromhex(batch["signature"]), head)
def check_event(event, batch):
    name, leaf = f"event {event['number']}", sha(b"\x00", bytes.fromhex(event["salt"]), event["canonical"].encode())
    need((event["of_batch"], event["index"]) == (batch["number"], event["number"] - batch["first"]), f"{name}: out of place")
    need(climb(leaf, event["index"], batch["size"], event["path"]).hex() == batch["root"], f"{name}: not what was sealed")
    need(json.loads(event["canonical"])["organization_id"] == batch["organization_id"], f"{name}: of another organization")
    return leaf
def check_log(lines, header, keys, heads):
    before, leaves, events, batches = None, [], 0, 0
    def close():
        whole = not before or len(leaves) == before["size"] and root(leaves).hex() == before["root"]
        need(whole, f"batch {before and before['number']}: its events are not all there")
    for line in lines:
        if "event" in (record := json.loads(line)):
            need(before and record["event"]["index"] == len(leaves), f"event {record['event']['number']}: out of order")
            leaves.append(check_event(record["event"], before))
            continue
        close()
        batch, events, leaves = record["batch"], events + len(leaves), []
        place = (batch["number"], batch["first"], batch["since"], batch["previous_head"])
        after = before and (before["number"] + 1, before["first"] + before["size"], before["through"], before["head"])
        need(place == (after or place) and batch["organization_id"] == header["organization_id"], f"batch {place[0]}: follows nothing")
        check_head(batch, keys)
        need(heads.pop(place[0], batch["head"]) == batch["head"], f"batch {place[0]}: you kept another head of it")
        before, batches = batch, batches + 1
    close()
    need(before and not heads, f"the file has no batch {min(heads, default=1)}")
    return f"{events + len(leaves):,} events in batches {before['number'] + 1 - batches} to {before['number']}, head {before['head']}"
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("file")
parser.add_argument("--key", action="append", help="a public key you trust")
parser.add_argument("--head", action="append", default=[], help="a head you kept")
asked = parser.parse_args()
try:
    with open(asked.file, encoding="utf-8") as file:
        header = json.loads(next(file))
        raw = [base64.b64decode(key) for key in asked.key or header["keys"].values()]
        keys = {sha(key).hex()[:16]: key for key in raw}
        if "canonical" in header:
            check_head(header["batch"], keys)
            check_event(header, header["batch"])
            told = f"event {header['number']}, head {header['batch']['head']}"
        else:
            told = check_log(file, header, keys, {int(one.split(":")[0]): one.split(":")[1] for one in asked.head})
except (ValueError, KeyError, TypeError, AttributeError, OverflowError, StopIteration, InvalidSignature) as fault:
    sys.exit(f"NOT INTACT: {fault or 'a head is not signed by the key it names'}")
print(f"intact: {told}" + ("" if asked.key else "; the keys are the file's own: compare them with the ones you know"))
