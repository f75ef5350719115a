"""The versions by the names of their files are the ones that Alembic finds in them."""

from alembic.script import ScriptDirectory

from inventory_core.stores import migrations


def test_the_names_of_the_files_say_the_versions() -> None:
    script = ScriptDirectory.from_config(migrations._config())
    found = tuple(reversed([revision.revision for revision in script.walk_revisions()]))
    assert migrations.known() == found
    assert migrations.newest() == script.get_current_head()
