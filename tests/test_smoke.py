import pytest


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/topics/",
        "/topics/secondary-traumatic-stress/",
        "/programs/?q=x",
        "/programs/ce-cert/",
        "/references/",
        "/rating-scale/",
        "/accessibility/",
        "/experts/ginny-sprang/",
    ],
)
def test_ok(client, seed, path):
    assert client.get(path).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "m", ["program", "topicarea", "rating", "reference", "study", "topicexpert"]
)
def test_admin(editor_client, seed, m, fixtures):
    assert editor_client.get(f"/admin/catalog/{m}/").status_code == 200
    assert editor_client.get(f"/admin/catalog/{m}/add/").status_code == 200
    from django.apps import apps

    o = apps.get_model("catalog", m).objects.first()
    if o:
        assert editor_client.get(f"/admin/catalog/{m}/{o.pk}/change/").status_code == 200
        assert editor_client.get(f"/admin/catalog/{m}/{o.pk}/history/").status_code == 200
    assert editor_client.get(f"/admin/catalog/{m}/export/").status_code == 200
    assert editor_client.get(f"/admin/catalog/{m}/import/").status_code == 200
