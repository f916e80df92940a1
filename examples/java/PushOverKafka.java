import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

public class PushOverKafka {
  public static void main(String[] arguments) throws Exception {
    var id = UUID.randomUUID().toString();
    var command = "{\"request_id\":\"" + id + "\",\"timestamp\":\"" + Instant.now() + "\",\"device_id\":\"lamp-7\",\"command_type\":\"set_led\","
        + "\"protocol\":\"mqtt\",\"payload\":{\"on\":true},\"metadata\":{},\"priority\":null,\"expires_at\":null}";
    Map<String, Object> options = Map.of("bootstrap.servers", System.getenv("KAFKA_BOOTSTRAP_SERVERS"), "acks", "all");
    try (var producer = new KafkaProducer<>(options, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>(System.getenv("DEVICE_COMMAND_TOPIC"), "lamp-7", command)).get();
    }
    System.out.println(id);
  }
}
