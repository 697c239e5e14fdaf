//! Settings: an unknown or malformed one refuses to start and is named.

use super::{Run, program};
use crate::schema::Empty;

async fn with(e: &Empty, variables: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = program(e);
    command.args(args).envs(variables.iter().copied());
    command.output().await.expect("the program runs").into()
}

#[tokio::test]
async fn a_variable_that_is_unknown_or_malformed_is_named() {
    let e = Empty::sqlite();
    let cases = [
        (
            "CONNECTORY_LISTENN",
            "127.0.0.1:0",
            "`listenn` is not a setting",
        ),
        ("CONNECTORY_LISTEN", "localhost", "`listen`"),
        ("CONNECTORY_LISTEN", "127.0.0.1:99999", "`listen`"),
        ("CONNECTORY_MIGRATE", "perhaps", "`migrate`"),
        ("CONNECTORY_BODY_LIMIT", "-1", "`body_limit`"),
        ("CONNECTORY_BODY_LIMIT", "0", "`body_limit`"),
        ("CONNECTORY_REQUEST_TIMEOUT", "soon", "`request_timeout`"),
        ("CONNECTORY_ACQUIRE_TIMEOUT", "0", "`acquire_timeout`"),
        ("CONNECTORY_STATEMENT_TIMEOUT", "0", "`statement_timeout`"),
        (
            "CONNECTORY_DATABASE_CONNECTIONS",
            "1.5",
            "`database_connections`",
        ),
        ("CONNECTORY_WORKERS", "many", "`workers`"),
        ("CONNECTORY_MEDIA_LIMIT", "0", "`media_limit`"),
        ("CONNECTORY_MEDIA_LIMIT", "3000000000", "`media_limit`"),
        ("CONNECTORY_MEDIA_STORE", "ftp://host", "`media_store`"),
        ("CONNECTORY_MEDIA_STORE", "s3://X", "`media_store`"),
        (
            "CONNECTORY_MEDIA_STORE_REGION",
            "eu-west-1",
            "`media_store_region`",
        ),
        (
            "CONNECTORY_MEDIA_STORE_SECRET_KEY",
            "1234567890",
            "`media_store_secret_key`",
        ),
        (
            "CONNECTORY_EGRESS_ALLOW",
            "127.0.0.1",
            "`egress_allow` has the entry `127.0.0.1`",
        ),
        (
            "CONNECTORY_EGRESS_ALLOW",
            "[::1]:9000, https://mcp.internal:8080",
            "`egress_allow` has the entry `https://mcp.internal:8080`",
        ),
        ("CONNECTORY_EGRESS_ALLOW", "9000", "`egress_allow`"),
        ("CONNECTORY_LOG", "connectory=shout", "`log`"),
        (
            "CONNECTORY_CONFIG",
            "/nowhere/connectory.toml",
            "/nowhere/connectory.toml",
        ),
        (
            "DATABASE_URL",
            "mysql://root@localhost/connectory",
            "`DATABASE_URL`",
        ),
        ("DATABASE_URL", "connectory.db", "`DATABASE_URL`"),
        ("DATABASE_URL", "", "`DATABASE_URL`"),
        ("DATABASE_URL", "sqlite://x.db?mode=wrong", "`DATABASE_URL`"),
        (
            "DATABASE_URL",
            "postgres://localhost:notaport/x",
            "`DATABASE_URL`",
        ),
    ];
    for (name, value, named) in cases {
        let refused = with(&e, &[(name, value)], &["migrate"]).await.refused();
        assert!(
            refused.starts_with("error: ") && refused.contains(named),
            "{name}={value}: {refused}"
        );
    }
    assert!(
        !e.path("connectory.db").exists(),
        "a database was made all the same"
    );
}

#[tokio::test]
async fn a_setting_of_the_file_that_is_unknown_or_malformed_is_named() {
    let e = Empty::sqlite();
    let cases = [
        ("listn = \"127.0.0.1:0\"", "`listn` is not a setting"),
        ("listen = 8080", "`listen`"),
        ("workers = \"two\"", "`workers`"),
        ("bootstrap = 1", "`bootstrap`"),
        ("request_timeout = 0", "`request_timeout`"),
        ("proxy_timeout = 0", "`proxy_timeout`"),
        ("proxy_idle_timeout = 0", "`proxy_idle_timeout`"),
        ("proxy_body_limit = 0", "`proxy_body_limit`"),
        ("proxy_concurrency = 0", "`proxy_concurrency`"),
        (
            "egress_allow = [\"a.example:0\"]",
            "`egress_allow` has the entry `a.example:0`",
        ),
        ("egress_allow = [9000]", "`egress_allow`"),
        ("listen = ", "connectory.toml"),
    ];
    for (text, named) in cases {
        for (file, args) in [
            ("connectory.toml", &["migrate"][..]),
            ("other.toml", &["--config", "other.toml", "migrate"]),
        ] {
            let _ = std::fs::remove_file(e.path("connectory.toml"));
            std::fs::write(e.path(file), text).expect("a file");
            let named = named.replace("connectory.toml", file);
            let refused = with(&e, &[], args).await.refused();
            assert!(
                refused.starts_with("error: ") && refused.contains(&named),
                "{file}: {text}: {refused}"
            );
        }
    }
}

#[tokio::test]
async fn a_variable_wins_over_the_file_and_the_file_over_the_default() {
    let e = Empty::sqlite();
    std::fs::write(
        e.path("connectory.toml"),
        "database_url = \"mysql://file\"\nstarter = false\n",
    )
    .expect("a file");
    let said = with(&e, &[], &["migrate"]).await.good();
    assert_eq!(
        said.lines().count(),
        1,
        "`starter` of the file does not count: {said}"
    );
    let said = with(&e, &[("CONNECTORY_STARTER", "true")], &["migrate"])
        .await
        .good();
    assert_eq!(said.lines().count(), 2, "the variable does not win: {said}");
    let mut command = program(&e);
    command.arg("migrate").env_remove("DATABASE_URL");
    let refused = Run::from(command.output().await.expect("the program runs")).refused();
    assert!(refused.contains("DATABASE_URL"), "{refused}");
}

#[tokio::test]
async fn exceptions_of_the_way_out_are_a_text_or_a_list() {
    let e = Empty::sqlite();
    let variable = "127.0.0.1:9000, [::1]:9000,mcp.internal:8080,";
    for value in [variable, "[::1]:9000", ""] {
        let settings = [("CONNECTORY_EGRESS_ALLOW", value)];
        with(&e, &settings, &["migrate"]).await.good();
    }
    for value in ["[\"127.0.0.1:9000\", \"[::1]:9000\"]", "\"[::1]:9000\""] {
        let text = format!("egress_allow = {value}\n");
        std::fs::write(e.path("connectory.toml"), text).expect("a file");
        with(&e, &[], &["migrate"]).await.good();
    }
}

#[tokio::test]
async fn a_media_store_that_cannot_be_used_refuses_to_start() {
    let e = Empty::sqlite();
    std::fs::write(e.path("taken"), "x").expect("a file");
    let settings = [("CONNECTORY_MEDIA_STORE", "taken")];
    let refused = with(&e, &settings, &["serve"]).await.refused();
    assert!(
        refused.contains("`media_store`") && refused.contains("taken"),
        "{refused}"
    );
    assert!(
        !e.path("connectory.db").exists(),
        "a database was made all the same"
    );
}

#[tokio::test]
async fn a_key_that_is_no_text_is_refused_and_not_repeated() {
    let e = Empty::sqlite();
    for key in ["1234567890", "true", "1.5", "-7"] {
        let settings = [("CONNECTORY_MEDIA_STORE_SECRET_KEY", key)];
        let refused = with(&e, &settings, &["migrate"]).await.refused();
        assert!(
            refused.contains("`media_store_secret_key`") && refused.contains("in quotes"),
            "{refused}"
        );
        assert!(!refused.contains(key), "{refused}");
    }
}

#[tokio::test]
async fn without_an_address_the_database_is_a_file_in_the_working_folder() {
    let e = Empty::sqlite();
    let mut command = program(&e);
    command
        .args(["migrate", "--no-starter"])
        .env_remove("DATABASE_URL");
    Run::from(command.output().await.expect("the program runs")).good();
    assert!(e.path("connectory.db").is_file());
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_refused_with_a_reason() {
    let e = Empty::sqlite();
    let cases = [
        ("sqlite:///nowhere/at/all.db?mode=rwc", "unable to open"),
        ("sqlite://missing.db?mode=rw", "unable to open"),
        ("postgres://nobody@127.0.0.1:1/nothing", "DATABASE_URL"),
    ];
    for (url, reason) in cases {
        let refused = with(&e, &[("DATABASE_URL", url)], &["migrate"])
            .await
            .refused();
        assert!(
            refused.starts_with("error: ") && refused.contains(reason),
            "{url}: {refused}"
        );
    }
}
