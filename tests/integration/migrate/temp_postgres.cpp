#include "temp_postgres.hpp"

#include "core/lakebase/postgres_install.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>

namespace pier::migrate {

TempPostgres::TempPostgres() {
  const auto install = lakebase::PostgresInstall::find();
  REQUIRE_MESSAGE(install, install.error().to_string());
  auto folder = TempDirectory::create("pier-migrate");
  REQUIRE(folder);
  folder_.emplace(std::move(*folder));
  REQUIRE(lakebase::make_reachable(folder_->path(), install->user));
  const auto data = (folder_->path() / "data").string();

  const auto made = run_captured({.argv = {install->bin / "initdb", "-D", data, "-U", "owner", "-A", "trust", "-N",
                                           "--no-instructions", "-E", "UTF8", "--locale=C"},
                                  .cwd = folder_->path(),
                                  .user = install->user});
  REQUIRE(made);
  REQUIRE_MESSAGE(made->status.ok(), made->standard_error);
  auto server = Process::start({.argv = {install->bin / "postgres", "-D", data, "-k", folder_->path(), "-h", "", "-F"},
                                .cwd = folder_->path(),
                                .standard_output = Command::Stream::null,
                                .standard_error = Command::Stream::null,
                                .die_with_parent = true,
                                .user = install->user});
  REQUIRE(server);
  server_.emplace(std::move(*server));
  for (int attempt = 0; attempt < 500; ++attempt) {
    if (Connection::open(parameters())) {
      return;
    }
    const auto ended = server_->wait_for(std::chrono::milliseconds(20));
    REQUIRE((ended && !ended->has_value()));
  }
  FAIL("PostgreSQL does not answer");
}

TempPostgres::~TempPostgres() {
  if (server_) {
    server_->signal(SIGINT);
    (void)server_->wait();
  }
}

ConnectionParameters TempPostgres::parameters(const std::string& user) const {
  return {.host = folder_->path().string(), .user = user, .database = "postgres", .sslmode = "disable"};
}

Connection TempPostgres::connect(const std::string& user) const {
  auto connection = Connection::open(parameters(user));
  REQUIRE_MESSAGE(connection, connection.error().to_string());
  return std::move(*connection);
}

} // namespace pier::migrate
