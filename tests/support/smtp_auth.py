"""A mail server that accepts mail only over STARTTLS and only from clients that have authenticated.

Arguments: certificate, key, user, password, folder. Prints its port on the first line. Writes each mail to a file in the
folder: a line with the TLS version, the user and the recipients, then the mail.
"""

import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

certificate, key, user, password, folder = sys.argv[1:]


def sign_in(server, session, envelope, mechanism, given):
    right = (given.login, given.password) == (user.encode(), password.encode())
    return AuthResult(success=right, handled=False, auth_data=given.login.decode("utf-8", "replace"))


class Keep:
    taken = 0

    async def handle_DATA(self, server, session, envelope):
        self.taken += 1
        how = f"{session.ssl['cipher'][1]} {session.auth_data} {' '.join(envelope.rcpt_tos)}\n"
        part = pathlib.Path(folder, f"{self.taken}.part")
        part.write_bytes(how.encode() + envelope.content)
        part.rename(part.with_suffix(".mail"))
        return "250 2.0.0 Taken"


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    keep = Keep()

    def serve():
        return SMTP(keep, tls_context=context, require_starttls=True, auth_required=True, authenticator=sign_in)

    server = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
