"""A mail server that takes mail, and refuses some: as much of SMTP as it takes."""

import socketserver
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy


class Session(socketserver.StreamRequestHandler):
    """One client's session: a reply to each command, and each mail into ``server.mails``."""

    def handle(self):
        self.reply("220 ready")
        to = []
        while line := self.rfile.readline().decode().strip():
            command = line.upper()
            if command.startswith("RCPT TO:"):
                address = line[8:].split("<", 1)[1].split(">", 1)[0]
                if address in self.server.unknown:
                    self.reply("550 no such person")
                else:
                    to.append(address)
                    self.reply("250 fine")
            elif command == "DATA":
                self.reply("354 go on")
                self.server.mails.append((to, self.read_mail()))
                to = []
                self.reply("250 taken")
            else:
                self.reply("221 bye" if command == "QUIT" else "250 fine")

    def reply(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def read_mail(self):
        lines = iter(self.rfile.readline, b".\r\n")
        return message_from_bytes(b"".join(lines), policy=policy.default)


@contextmanager
def mail_server(unknown=()):
    """Run a server that refuses mail for some addresses; give it, with the mails that it took."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        server.mails, server.unknown = [], set(unknown)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
