"""How fast the mail sink takes messages from a sender that does nothing else."""

import smtplib
import sys
import time

from notices.smtp import PipelinedSMTP

LETTER = (
    "From: Causeway <notices@causeway.example>\r\nTo: person@faults.example\r\nSubject: Yardstick\r\n"
    "Message-ID: <yardstick.{number}@causeway.example>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    + "x" * 76
    + "\r\n"
) + ("y" * 76 + "\r\n") * 55


def main(arguments: list[str]) -> None:
    """Send so many messages over one connection, numbered from the first, pipelined or not; print the seconds it took."""
    port, first, count, pipelined = (int(each) for each in arguments)
    began = time.monotonic()
    with (PipelinedSMTP if pipelined else smtplib.SMTP)("127.0.0.1", port) as connection:
        for number in range(first, first + count):
            text = LETTER.replace("{number}", str(number)).encode()
            connection.sendmail("notices@causeway.example", ["person@faults.example"], text)
    print(time.monotonic() - began)  # noqa: T201 - its answer


if __name__ == "__main__":
    main(sys.argv[1:])
