"""How many frames a film has, and at which rate: its seconds as the API has them are rounded. Only adds: processes of
the release before go on beside newer ones.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("videos", sa.Column("frames", sa.BigInteger))
    op.add_column("videos", sa.Column("fps", sa.Float))
