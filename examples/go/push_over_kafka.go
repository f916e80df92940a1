package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/segmentio/kafka-go"
)

func main() {
	id := uuid.NewString()
	command, _ := json.Marshal(map[string]any{"request_id": id, "timestamp": time.Now().UTC(), "device_id": "lamp-7",
		"command_type": "set_led", "protocol": "mqtt", "payload": map[string]any{"on": true}, "metadata": map[string]any{},
		"priority": nil, "expires_at": nil})
	// Murmur2 is the partition of the other clients: the commands of a device stay in their order.
	writer := kafka.Writer{Addr: kafka.TCP(strings.Split(os.Getenv("KAFKA_BOOTSTRAP_SERVERS"), ",")...), RequiredAcks: kafka.RequireAll,
		Topic: os.Getenv("DEVICE_COMMAND_TOPIC"), Balancer: kafka.Murmur2Balancer{Consistent: true}}
	if err := writer.WriteMessages(context.Background(), kafka.Message{Key: []byte("lamp-7"), Value: command}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(id)
}
