#include "core/migrate/database_login.hpp"

#include "core/base/digest.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::migrate {

namespace {

constexpr std::chrono::minutes k_wait{15}; ///< a new instance on Databricks takes minutes

Result<Json> wait_until_available(workspace_client::RestClient& client, const std::string& instance) {
  const auto path = "/api/2.0/database/instances/" + workspace_client::encode_segment(instance);
  return workspace_client::poll_until(
      client, k_wait, "the database instance " + instance, [&]() -> Result<std::optional<Json>> {
        auto answer = client.get(path);
        if (!answer) {
          if (answer.error().kind == ErrorKind::not_found) {
            return Error{.kind = ErrorKind::not_found,
                         .code = "PIER8415",
                         .message = "there is no database instance " + instance + " in this workspace",
                         .hint = "deploy it first, or correct the folder migrations/" + instance};
          }
          return std::move(answer).error();
        }
        const auto state = answer->get_string("state");
        if (state == "AVAILABLE") {
          return std::optional<Json>(*std::move(answer));
        }
        if (state == "STOPPED" || state == "DELETING" || state == "FAILED") {
          return Error{.kind = ErrorKind::invalid_state,
                       .code = "PIER8410",
                       .message = "the database instance " + instance + " is " + state,
                       .hint = state == "STOPPED" ? "start it: set stopped to false and deploy" : ""};
        }
        return std::optional<Json>();
      });
}

} // namespace

Result<Connection> log_in(workspace_client::RestClient& client, const std::string& instance,
                          const std::string& database, const std::string& user) {
  PIER_TRY_ASSIGN(const auto found, wait_until_available(client, instance));
  Json request = Json::object({{"request_id", random_uuid()}});
  request["instance_names"] = Json::array({Json(instance)});
  PIER_TRY_ASSIGN(const auto credential, client.post("/api/2.0/database/credentials", std::move(request)));
  return Connection::open({.host = found.get_string("read_write_dns"),
                           .port = static_cast<std::uint16_t>(found.get_integer("read_write_port", 5432)),
                           .user = user,
                           .password = Secret(credential.get_string("token")),
                           .database = database});
}

} // namespace pier::migrate
