"""Configuration: one place, unknown names refused, secrets hidden."""

from pathlib import Path

import pytest

from hotline.config import Config, ConfigError, load, secret, with_secrets


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load({}, tmp_path) == Config()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "hotline.toml").write_text('city = "海口市"\nring_seconds = 20\n', encoding="utf-8")
    config = load({"HOTLINE_RING_SECONDS": "25"}, tmp_path)
    assert (config.city, config.ring_seconds) == ("海口市", 25)


def test_a_secret_is_read_from_the_file_its_variable_names(tmp_path: Path) -> None:
    (tmp_path / "ami").write_text("s3cret\n", encoding="utf-8")
    assert load({"HOTLINE_AMI_SECRET_FILE": str(tmp_path / "ami")}, tmp_path).ami_secret == "s3cret"


def test_a_setting_whose_own_name_ends_like_that_is_no_file_to_read(tmp_path: Path) -> None:
    assert load({"HOTLINE_MENU_FILE": "/srv/menu.toml"}, tmp_path).menu_file == "/srv/menu.toml"


def test_an_unreadable_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="HOTLINE_AMI_SECRET_FILE"):
        load({"HOTLINE_AMI_SECRET_FILE": str(tmp_path / "absent")}, tmp_path)


def test_an_unknown_key_of_the_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "hotline.toml").write_text("agi_prot = 4573\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="agi_prot"):
        load({}, tmp_path)


def test_an_unknown_variable_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="agi_prot"):
        load({"HOTLINE_AGI_PROT": "4573"}, tmp_path)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AGI_PORT", "many"),
        ("AGI_PORT", "70000"),
        ("RING_SECONDS", "0"),
        ("ZONE", "Mars/Olympus"),
        ("CITY_CODE", "榕海"),
        ("NODE", "a;rm"),
        ("RTP_END", "10001"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_key(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(ConfigError, match=variable.lower()):
        load({f"HOTLINE_{variable}": value}, tmp_path)


def test_a_file_that_is_no_toml_is_refused_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "hotline.toml").write_text("city = = 1", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"hotline\.toml"):
        load({}, tmp_path)


def test_trunk_addresses_are_a_list_in_the_file_and_commas_in_the_environment(tmp_path: Path) -> None:
    assert load({"HOTLINE_TRUNK": "192.0.2.1, 192.0.2.2"}, tmp_path).trunk == ("192.0.2.1", "192.0.2.2")
    (tmp_path / "hotline.toml").write_text('trunk = ["198.51.100.0/24"]', encoding="utf-8")
    assert load({}, tmp_path).trunk == ("198.51.100.0/24",)


def test_secrets_never_show() -> None:
    shown = Config(ami_secret="s3cret", database_url="postgresql://a:b@db/hotline").masked()
    assert "s3cret" not in str(shown)
    assert "a:b" not in str(shown)


def test_generated_secrets_are_kept_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    first = with_secrets(Config(state_dir=tmp_path), create=True)
    assert len(first.ami_secret) >= 32
    assert first.ami_secret != first.ari_secret
    assert with_secrets(Config(state_dir=tmp_path)) == first
    assert (tmp_path / "secrets" / "ami_secret").stat().st_mode & 0o077 == 0


def test_a_secret_that_another_gives_is_never_invented(tmp_path: Path) -> None:
    assert with_secrets(Config(state_dir=tmp_path), create=True).sso_client_secret == ""
    (tmp_path / "secrets" / "sso_client_secret").write_text("given\n", encoding="ascii")
    assert with_secrets(Config(state_dir=tmp_path)).sso_client_secret == "given"


SIGN_ON = {
    "HOTLINE_SSO_ISSUER": "https://id.example.gov.cn/realms/city",
    "HOTLINE_SSO_CLIENT_ID": "hotline",
    "HOTLINE_PUBLIC_URL": "https://12345.example.gov.cn",
}


def test_single_sign_on_needs_a_provider_a_name_there_and_an_address_here(tmp_path: Path) -> None:
    assert load(SIGN_ON, tmp_path).sso_claim == "preferred_username"
    assert load(SIGN_ON | {"HOTLINE_SSO_ISSUER": "http://127.0.0.1:8080/x"}, tmp_path).sso_issuer


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SSO_ISSUER", "http://id.example.gov.cn"),
        ("SSO_ISSUER", "https://id.example.gov.cn/?x=1"),
        ("SSO_CLIENT_ID", ""),
        ("PUBLIC_URL", ""),
        ("PUBLIC_URL", "http://12345.example.gov.cn"),
        ("SSO_SCOPE", "profile"),
        ("SSO_CLAIM", ""),
    ],
)
def test_a_sign_on_that_cannot_be_safe_is_refused_with_its_key(
    tmp_path: Path, variable: str, value: str
) -> None:
    with pytest.raises(ConfigError, match=variable.lower()):
        load(SIGN_ON | {f"HOTLINE_{variable}": value}, tmp_path)


def test_passwords_can_be_left_to_some_only_where_a_provider_stands_in_and_never_to_nobody(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigError, match="sso_issuer"):
        load({"HOTLINE_SSO_ONLY": "true"}, tmp_path)
    with pytest.raises(ConfigError, match="sso_emergency"):
        load(SIGN_ON | {"HOTLINE_SSO_ONLY": "true"}, tmp_path)
    config = load(SIGN_ON | {"HOTLINE_SSO_ONLY": "true", "HOTLINE_SSO_EMERGENCY": "admin, admin2"}, tmp_path)
    assert config.sso_emergency == ("admin", "admin2")


def test_no_secret_is_invented_unless_asked(tmp_path: Path) -> None:
    assert secret(tmp_path, "ami_secret") == ""


def test_a_switch_is_true_or_false_and_nothing_else(tmp_path: Path) -> None:
    assert load({"HOTLINE_BEHIND_PROXY": "true"}, tmp_path).behind_proxy is True
    (tmp_path / "hotline.toml").write_text("behind_proxy = true", encoding="utf-8")
    assert load({"HOTLINE_BEHIND_PROXY": "false"}, tmp_path).behind_proxy is False
    with pytest.raises(ConfigError, match="behind_proxy"):
        load({"HOTLINE_BEHIND_PROXY": "perhaps"}, tmp_path)
