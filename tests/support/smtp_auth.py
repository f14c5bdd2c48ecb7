"""A mail server that takes mail only over STARTTLS and only from somebody who has signed in.

Arguments: certificate, key, user, password, a folder. Says its port on the first line. Each mail it takes is a file in
the folder: a line that tells how it came, then the mail.
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
