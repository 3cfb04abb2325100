#include "core/lake/delta/commit.hpp"

#include "core/base/digest.hpp"
#include "core/base/files.hpp"
#include "core/lake/delta/log_parser.hpp"

#include <algorithm>
#include <set>

namespace pier::lake::delta {
namespace {

constexpr int k_max_attempts = 200;

Error conflict(std::string message) {
  return Error{.kind = ErrorKind::conflict,
               .code = "DELTA_CONCURRENT_MODIFICATION",
               .message = std::move(message),
               .hint = "run the statement again"};
}

std::string render(const CommitRequest& request, std::int64_t read_version) {
  auto metrics = Json::object();
  for (const auto& [name, value] : request.metrics) {
    metrics[name] = std::to_string(value);
  }
  auto info = Json::object({{"timestamp", request.now_millis},
                            {"operation", request.operation},
                            {"operationParameters", request.parameters},
                            {"isolationLevel", "WriteSerializable"},
                            {"isBlindAppend", request.blind_append},
                            {"operationMetrics", std::move(metrics)},
                            {"engineInfo", "pier/0.1.0"},
                            {"txnId", random_uuid()}});
  if (read_version >= 0) {
    info["readVersion"] = read_version;
  }
  if (!request.user_name.empty()) {
    info["userName"] = request.user_name;
  }
  std::string out = Json::object({{"commitInfo", std::move(info)}}).dump() + '\n';
  for (const auto& action : request.actions) {
    out += to_line(action) + '\n';
  }
  return out;
}

/// May this request stand behind a commit of somebody else?
Result<void> check_winner(const CommitRequest& request, const std::vector<Action>& winner) {
  std::set<std::string> applications;
  for (const auto& action : request.actions) {
    if (const auto* transaction = std::get_if<Transaction>(&action)) {
      applications.insert(transaction->app_id);
    }
  }
  for (const auto& action : winner) {
    if (std::holds_alternative<Metadata>(action) || std::holds_alternative<Protocol>(action)) {
      return conflict("the table's schema or properties were changed by another commit");
    }
    if (const auto* transaction = std::get_if<Transaction>(&action);
        transaction != nullptr && applications.contains(transaction->app_id)) {
      return conflict("another commit of the application '" + transaction->app_id + "' was first");
    }
    if (!request.blind_append &&
        (std::holds_alternative<AddFile>(action) || std::holds_alternative<RemoveFile>(action))) {
      return conflict("the table's data was changed by another commit");
    }
  }
  return {};
}

bool has_feature(const std::map<std::string, std::string>& properties, const std::string& key) {
  const auto found = properties.find(key);
  return found != properties.end() && found->second == "true";
}

bool uses_ntz(const DataType& type) {
  return type.kind == TypeKind::timestamp_ntz ||
         std::any_of(type.fields.begin(), type.fields.end(), [](const Field& field) { return uses_ntz(field.type); });
}

} // namespace

Result<std::int64_t> commit(const CommitRequest& request) {
  const auto read_version = request.base ? request.base->version : -1;
  PIER_TRY(make_directories(request.root / "_delta_log"));
  const auto text = render(request, read_version);
  auto version = read_version + 1;
  for (int attempt = 0; attempt < k_max_attempts; ++attempt, ++version) {
    auto written = create_file_exclusively(commit_path(request.root, version), text);
    if (written) {
      return version;
    }
    if (written.error().kind != ErrorKind::already_exists) {
      return std::move(written).error();
    }
    if (!request.base) {
      return conflict("the table was created by another commit");
    }
    PIER_TRY_ASSIGN(const auto winner, read_commit(request.root, version));
    PIER_TRY(check_winner(request, winner));
  }
  return conflict("other commits were always first");
}

RemoveFile remove_of(const AddFile& add, std::int64_t now_millis) {
  return {.path = add.path,
          .deletion_timestamp = now_millis,
          .data_change = true,
          .partition_values = add.partition_values,
          .size = add.size,
          .deletion_vector = add.deletion_vector};
}

Protocol protocol_for(const std::vector<Field>& columns, const std::map<std::string, std::string>& properties) {
  Protocol protocol;
  const bool feed = has_feature(properties, "delta.enableChangeDataFeed");
  const bool ntz = std::any_of(columns.begin(), columns.end(), [](const Field& field) { return uses_ntz(field.type); });
  if (ntz) {
    protocol = {.min_reader = 3,
                .min_writer = 7,
                .reader_features = {"timestampNtz"},
                .writer_features = {"appendOnly", "invariants", "timestampNtz"}};
    if (feed) {
      protocol.writer_features.emplace_back("changeDataFeed");
    }
  } else if (feed) {
    protocol.min_writer = 4;
  }
  return protocol;
}

} // namespace pier::lake::delta
