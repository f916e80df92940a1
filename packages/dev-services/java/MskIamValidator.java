import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;

/**
 * Takes the tokens of Amazon MSK with IAM, as its brokers do: a token is the presigned URL of a connect, in base64url, with Signature Version 4. There is one access key, which
 * the JAAS options have; it is the principal.
 */
public class MskIamValidator implements AuthenticateCallbackHandler {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final String UNSIGNED = "X-Amz-Signature";

  private String accessKey;
  private String secretKey;

  @Override
  public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {
    Map<String, ?> options = entries.get(0).getOptions();
    accessKey = (String) options.get("awsAccessKey");
    secretKey = (String) options.get("awsSecretKey");
  }

  @Override
  public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
    for (Callback callback : callbacks) {
      // The broker itself logs in nowhere by this listener.
      if (callback instanceof OAuthBearerTokenCallback) continue;
      if (!(callback instanceof OAuthBearerValidatorCallback asked)) throw new UnsupportedCallbackException(callback);
      try {
        asked.token(validate(asked.tokenValue()));
      } catch (Exception problem) {
        asked.error("invalid_token", null, null);
      }
    }
  }

  private OAuthBearerToken validate(String value) throws Exception {
    URI url = URI.create(new String(Base64.getUrlDecoder().decode(value), StandardCharsets.UTF_8));
    // The signature covers the parameters without itself, in order, as they are encoded.
    TreeMap<String, String> parameters = new TreeMap<>();
    for (String pair : url.getRawQuery().split("&")) {
      String[] parts = pair.split("=", 2);
      parameters.put(parts[0], parts[1]);
    }
    String date = decoded(parameters, "X-Amz-Date");
    String scope = decoded(parameters, "X-Amz-Credential").substring(accessKey.length() + 1);
    String canonicalQuery =
        parameters.entrySet().stream()
            .filter(entry -> !entry.getKey().equals(UNSIGNED) && !entry.getKey().equals("User-Agent"))
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining("&"));
    String request =
        String.join("\n", "GET", "/", canonicalQuery, "host:" + url.getHost(), "", "host", hash(""));
    String toSign = String.join("\n", "AWS4-HMAC-SHA256", date, scope, hash(request));
    byte[] key = ("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8);
    for (String part : scope.split("/")) key = hmac(key, part);
    String expected = HexFormat.of().formatHex(hmac(key, toSign));
    long startMs = DATE.parse(date, Instant::from).toEpochMilli();
    long lifetimeMs = startMs + 1000L * Long.parseLong(parameters.get("X-Amz-Expires"));
    boolean isRight =
        decoded(parameters, "X-Amz-Credential").startsWith(accessKey + "/")
            && decoded(parameters, "Action").equals("kafka-cluster:Connect")
            && lifetimeMs > System.currentTimeMillis()
            && expected.equals(parameters.get(UNSIGNED));
    if (!isRight) throw new IllegalArgumentException("not signed by the access key");
    return new Token(value, accessKey, startMs, lifetimeMs);
  }

  private static String decoded(Map<String, String> parameters, String name) {
    return URLDecoder.decode(parameters.get(name), StandardCharsets.UTF_8);
  }

  private static String hash(String text) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest);
  }

  private static byte[] hmac(byte[] key, String text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {}

  private record Token(String value, String principalName, Long startTimeMs, long lifetimeMs)
      implements OAuthBearerToken {
    @Override
    public Set<String> scope() {
      return Set.of();
    }
  }
}
